"""What the sales team of the demo data writes down: calls, e-mails, meetings and notes about offices and premises.

A text may name `{person}`, `{firm}`, `{place}`, `{area}` (m²) and `{price}` (with its currency).
"""

from typing import NamedTuple


class Entry(NamedTuple):
    kind: str
    subject: str
    description: str


# Kept in the order in which they make sense: the first ones open a conversation, the last ones close it.
OPENING = (
    Entry("call", "Primera llamada", "{person} busca {place} de unos {area} m² para {firm}. Pide opciones por correo."),
    Entry("email", "Presentación de Urbany", "Le envié a {person} el brochure y tres alternativas de {place}."),
    Entry(
        "note", "Contacto de feria", "Conocimos a {person} en la feria inmobiliaria; {firm} evalúa mudarse este año."
    ),
    Entry("call", "No contestó", "Llamé dos veces a {person} y dejé mensaje. Reintentar por la mañana."),
    Entry(
        "email",
        "Solicitud de información",
        "{person} escribió desde la web: pregunta por {place}, presupuesto {price} al mes.",
    ),
    Entry(
        "call",
        "Llamada de calificación",
        "Confirmado: deciden {person} y el directorio. Presupuesto {price}, fecha límite fin de trimestre.",
    ),
    Entry("note", "Referido", "{person} llegó recomendado por un cliente actual; tratar con prioridad."),
)
MIDDLE = (
    Entry(
        "meeting",
        "Visita guiada",
        "Recorrimos con {person} {place} de {area} m². Le gustó la ubicación; duda por los estacionamientos.",
    ),
    Entry(
        "email",
        "Envío de propuesta",
        "Propuesta para {firm}: {place} de {area} m² por {price} mensuales, mantenimiento incluido.",
    ),
    Entry(
        "call",
        "Seguimiento de propuesta",
        "{person} ya revisó la propuesta con finanzas. Piden bajar la garantía de tres a dos meses.",
    ),
    Entry(
        "meeting",
        "Reunión con el directorio",
        "Presentamos a {firm} el plan de mudanza y los plazos. Acuerdan responder en dos semanas.",
    ),
    Entry(
        "note",
        "Competencia",
        "{firm} compara con otra inmobiliaria que ofrece {price}. Destacar administración y seguridad.",
    ),
    Entry(
        "email",
        "Planos y memoria descriptiva",
        "Envié a {person} los planos en PDF y la memoria descriptiva del edificio.",
    ),
    Entry(
        "call",
        "Consulta sobre aforo",
        "{person} preguntó por el aforo y la licencia de funcionamiento. Se lo confirmo con el área legal.",
    ),
    Entry(
        "meeting",
        "Videollamada con el área legal",
        "Revisamos con {person} el borrador del contrato de {firm}. Quedan dos cláusulas por ajustar.",
    ),
    Entry(
        "note",
        "Observación de la visita",
        "Piden divisiones de vidrio y un segundo acceso; cotizar la adecuación antes de cerrar.",
    ),
)
CLOSING = (
    Entry("meeting", "Firma de contrato", "{firm} firmó por {place} de {area} m². Entrega de llaves a fin de mes."),
    Entry(
        "email",
        "Bienvenida y accesos",
        "Envié a {person} el manual del edificio, los contactos de mantenimiento y los accesos.",
    ),
    Entry(
        "call", "Llamada de satisfacción", "{person} está conforme con la entrega. Pide cotizar limpieza y vigilancia."
    ),
    Entry(
        "meeting",
        "Entrega del inmueble",
        "Acta de entrega firmada con {person}. Pendiente: cambiar dos luminarias del pasillo.",
    ),
    Entry(
        "note",
        "Oportunidad de ampliación",
        "{firm} crecerá el próximo año; volver a conversar sobre {area} m² más en octubre.",
    ),
    Entry("email", "Factura y conformidad", "{person} confirmó la factura del primer mes por {price}."),
)

PLACES = (
    "una oficina corporativa", "un local comercial", "un almacén con rampa", "un piso completo", "una oficina amoblada",
    "un terreno industrial", "un espacio de coworking",
)  # fmt: skip
CONTACT_NOTES = (
    "Prefiere que la llamen por la tarde.",
    "Responde más rápido por WhatsApp que por correo.",
    "Pide siempre cotización en dólares y en moneda local.",
    "Decide junto con el gerente de finanzas.",
    "Viaja seguido; agendar con una semana de anticipación.",
    "Conoce el edificio: trabajó allí con su empresa anterior.",
    "Interesado en contratos de tres años a más.",
    "No enviar publicidad: solo propuestas concretas.",
)
COMPANY_NOTES = (
    "Contrato vigente con otra administradora hasta fin de año.",
    "Piden factura electrónica y orden de compra.",
    "Tienen sedes en otras dos ciudades.",
    "Pago puntual; condiciones a 30 días.",
    "En proceso de certificación ambiental: valoran edificios eficientes.",
)

DEALS = (
    "Alquiler de oficina",
    "Alquiler de local comercial",
    "Alquiler de almacén",
    "Venta de piso completo",
    "Implementación y mudanza",
    "Renovación de contrato",
)
LOST_BECAUSE = (
    "Eligieron a otro proveedor por precio.",
    "Postergaron la mudanza para el próximo año.",
    "El directorio no aprobó el presupuesto.",
    "No llegamos con el metraje que necesitaban.",
)
NEXT_STEP = "Enviar el contrato revisado"
