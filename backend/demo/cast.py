"""Who appears in the demo data: the people who sell, the companies they sell to, and the names of people there."""

from typing import NamedTuple

WORKSPACE = "Inmobiliaria y Servicios Urbany"


class Colleague(NamedTuple):
    username: str
    email: str
    first_name: str
    last_name: str
    role: str


# The first two can log in; the others stand for colleagues and have no usable password.
COLLEAGUES = (
    Colleague("admin", "admin@urbany.com", "Valeria", "Salazar Ruiz", "admin"),
    Colleague("test", "test@example.com", "Andrés", "Quispe León", "sales"),
    Colleague("rosa.mendoza", "rosa.mendoza@urbany.example", "Rosa", "Mendoza Tello", "manager"),
    Colleague("carlos.huaman", "carlos.huaman@urbany.example", "Carlos", "Huamán Rojas", "sales"),
    Colleague("mariana.torres", "mariana.torres@urbany.example", "Mariana", "Torres Núñez", "sales"),
    Colleague("diego.castro", "diego.castro@urbany.example", "Diego", "Castro Ibáñez", "sales"),
)


class Firm(NamedTuple):
    country: str
    name: str
    industry: str
    employees: int
    domain: str
    address: str


FIRMS = (
    Firm("PE", "Textiles Andinos S.A.C.", "manufacturing", 320, "textilesandinos", "Av. Argentina 2450, Lima"),
    Firm("PE", "Clínica San Gabriel del Sur", "health", 540, "sangabrielsur", "Av. Ejército 710, Arequipa"),
    Firm("PE", "Constructora Río Rímac S.A.", "construction", 210, "riorimac", "Jr. Camaná 615, Lima"),
    Firm(
        "PE", "Agroexportadora Valle Verde S.A.C.", "commerce", 880, "valleverde", "Panamericana Norte km 551, Trujillo"
    ),
    Firm("PE", "Caja Solidaria del Cusco", "finance", 460, "cajasolidaria", "Av. El Sol 340, Cusco"),
    Firm("PE", "Colegio Santa Beatriz", "education", 95, "santabeatriz", "Av. Arenales 1302, Lima"),
    Firm("PE", "Pesquera Bahía Blanca S.A.", "manufacturing", 610, "bahiablanca", "Av. Los Pescadores 118, Chimbote"),
    Firm("PE", "Librerías El Tamarindo", "commerce", 74, "eltamarindo", "Jr. de la Unión 488, Lima"),
    Firm("PE", "Estudio Contable Ñahui & Asociados", "services", 28, "nahuiasociados", "Calle Real 905, Huancayo"),
    Firm("PE", "Transportes Ucayali Express", "services", 145, "ucayaliexpress", "Jr. Tarapacá 233, Pucallpa"),
    Firm("PE", "Datapoint Perú S.A.C.", "technology", 62, "datapointperu", "Av. Javier Prado Este 3580, Lima"),
    Firm(
        "PE",
        "Municipalidad Distrital de Las Lomas Altas",
        "government",
        190,
        "laslomasaltas",
        "Plaza de Armas s/n, Piura",
    ),
    Firm(
        "MX",
        "Grupo Industrial Regiomontano",
        "manufacturing",
        1250,
        "regiomontano",
        "Av. Ruiz Cortines 1900, Monterrey",
    ),
    Firm("MX", "Farmacias La Ciudadela", "commerce", 730, "laciudadela", "Av. Balderas 96, Ciudad de México"),
    Firm("MX", "Soluciones Xóchitl Tecnología", "technology", 88, "xochitltec", "Av. Chapultepec 480, Guadalajara"),
    Firm("MX", "Universidad del Bajío Norte", "education", 410, "bajionorte", "Blvd. Campestre 2150, León"),
    Firm("MX", "Hoteles Bahía Turquesa", "services", 360, "bahiaturquesa", "Av. Kukulcán km 9, Cancún"),
    Firm(
        "MX",
        "Inmobiliaria Paseo de las Jacarandas",
        "real_estate",
        45,
        "jacarandas",
        "Paseo de la Reforma 250, Ciudad de México",
    ),
    Firm(
        "MX", "Lácteos Los Altos de Jalisco", "manufacturing", 515, "losaltos", "Carr. a Tepatitlán km 12, Tepatitlán"
    ),
    Firm("CO", "Café de Altura Quindío S.A.S.", "commerce", 130, "cafequindio", "Carrera 14 # 9-35, Armenia"),
    Firm("CO", "Clínica Nuestra Señora de las Mercedes", "health", 680, "lasmercedes", "Calle 50 # 43-120, Medellín"),
    Firm("CO", "Nube Caribe S.A.S.", "technology", 54, "nubecaribe", "Carrera 53 # 80-198, Barranquilla"),
    Firm("CO", "Seguros Cordillera", "finance", 390, "seguroscordillera", "Carrera 7 # 71-21, Bogotá"),
    Firm(
        "CO",
        "Constructora Valle del Lili S.A.S.",
        "construction",
        240,
        "valledellili",
        "Av. Cañasgordas # 118-40, Cali",
    ),
    Firm("CO", "Flores de la Sabana Ltda.", "commerce", 425, "floressabana", "Vereda El Rosal, Facatativá"),
    Firm("CL", "Viñedos Quebrada Honda", "manufacturing", 175, "quebradahonda", "Camino Apalta s/n, Santa Cruz"),
    Firm("CL", "Minera Salar del Norte SpA", "manufacturing", 960, "salardelnorte", "Av. Balmaceda 2472, Antofagasta"),
    Firm("CL", "Colegio Puerto Claro", "education", 120, "puertoclaro", "Av. Pedro Montt 1850, Valparaíso"),
    Firm("CL", "Austral Software Ltda.", "technology", 40, "australsoftware", "Calle O'Higgins 667, Concepción"),
    Firm("CL", "Corredora Los Ñirres", "real_estate", 22, "losnirres", "Av. Apoquindo 4501, Santiago"),
    Firm("CL", "Salmones Chiloé Sur", "commerce", 540, "chiloesur", "Ruta 5 Sur km 1024, Puerto Montt"),
    Firm(
        "AR",
        "Frigorífico La Pampa Grande S.A.",
        "manufacturing",
        450,
        "pampagrande",
        "Ruta Nacional 5 km 601, Santa Rosa",
    ),
    Firm("AR", "Editorial Tinta Rioplatense", "services", 66, "tintarioplatense", "Av. Corrientes 1543, Buenos Aires"),
    Firm("AR", "Metalúrgica Peñaloza Hnos.", "manufacturing", 138, "penalozahnos", "Av. Circunvalación 3200, Rosario"),
    Firm("AR", "Sanatorio del Cerro", "health", 295, "sanatoriodelcerro", "Av. Colón 870, Córdoba"),
    Firm("AR", "Fintech Ceibo S.R.L.", "finance", 58, "fintechceibo", "Av. Del Libertador 6680, Buenos Aires"),
    Firm("EC", "Exportadora Bananera El Guabo Real", "commerce", 700, "guaboreal", "Av. 25 de Junio km 2, Machala"),
    Firm(
        "EC", "Hospital Metropolitano de los Andes", "health", 820, "hospitalandes", "Av. Mariana de Jesús 410, Quito"
    ),
    Firm(
        "EC",
        "Constructora Mitad del Mundo Cía. Ltda.",
        "construction",
        155,
        "mitadmundo",
        "Av. Amazonas N34-120, Quito",
    ),
    Firm("EC", "Cooperativa Austro Unido", "finance", 265, "austrounido", "Calle Gran Colombia 7-39, Cuenca"),
)


class Country(NamedTuple):
    """`mobile` is a number without its country code, `X` a digit to be drawn; `price` what 1000 soles are about."""

    code: str
    mobile: str
    currency: str
    price: int
    thousands: str


COUNTRIES = {
    each.code: each
    for each in (
        Country("PE", "9XXXXXXXX", "S/", 1_000, ","),
        Country("MX", "55XXXXXXXX", "MXN", 5_000, ","),
        Country("CO", "31XXXXXXXX", "COP", 1_100_000, "."),
        Country("CL", "9XXXXXXXX", "CLP", 250_000, "."),
        Country("AR", "911XXXXXXXX", "ARS", 350_000, "."),
        Country("EC", "99XXXXXXX", "USD", 300, "."),
    )
}

FIRST_NAMES = (
    "Ana Lucía", "José Luis", "María Fernanda", "Juan Pablo", "Sofía", "Martín", "Camila", "Joaquín", "Ximena",
    "Sebastián", "Verónica", "Raúl", "Inés", "Óscar", "Gabriela", "Héctor", "Lucía", "Álvaro", "Paola", "Ramón",
    "Daniela", "César", "Rocío", "Iván", "Natalia", "Germán", "Patricia", "Nicolás", "Milagros", "Julián", "Adriana",
    "Tomás", "Carolina", "Hernán", "Elena", "Matías", "Jimena", "Rodrigo", "Beatriz", "Simón", "Fátima", "Esteban",
    "Teresa", "Cristóbal", "Pilar",
)  # fmt: skip
SURNAMES = (
    "Quispe", "García", "Mamani", "Rodríguez", "Flores", "Hernández", "Sánchez", "Ramírez", "Muñoz", "Gutiérrez",
    "Peña", "Vásquez", "Castañeda", "Rojas", "Espinoza", "Cárdenas", "Ñahui", "Ortega", "Fernández", "Ibarra", "Zúñiga",
    "Valdivia", "Núñez", "Acosta", "Benítez", "Cáceres", "Domínguez", "Echeverría", "Figueroa", "Giménez", "Huarcaya",
    "Jaramillo", "Londoño", "Montoya", "Navarrete", "Olivares", "Paredes", "Restrepo", "Saavedra", "Tapia", "Urrutia",
    "Villanueva", "Yáñez", "Zapata", "Arancibia", "Bermúdez", "Córdova", "Delgado",
)  # fmt: skip
JOBS = (
    "Gerente general", "Jefa de administración", "Jefe de logística", "Gerente de finanzas", "Directora de operaciones",
    "Analista de compras", "Coordinador de proyectos", "Asistente de gerencia", "Jefe de mantenimiento",
    "Gerente de recursos humanos", "Subgerente comercial", "Encargado de infraestructura",
)  # fmt: skip
