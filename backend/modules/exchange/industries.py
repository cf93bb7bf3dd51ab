"""The words that other systems have for industries, and ours."""

from backend.core import folding
from backend.modules.companies.models import Industry

ALIASES = {
    Industry.TECHNOLOGY: "technolgy, tech, software, hardware, it, saas, telecommunications, telecom, tecnología",
    Industry.HEALTH: "medical, healthcare, health care, pharma, pharmaceuticals, biotechnology, hospital, salud",
    Industry.EDUCATION: "educational, schools, university, training, educación",
    Industry.FINANCE: "financial, financial services, banking, bank, insurance, investment, finanzas, banca, seguros",
    Industry.MANUFACTURING: "industrial, industry, production, automotive, textiles, manufactura, industria",
    Industry.COMMERCE: "retail, wholesale, ecommerce, e commerce, trade, consumer goods, comercio",
    Industry.CONSTRUCTION: "building, engineering and construction, construcción",
    Industry.REAL_ESTATE: "realestate, property, properties, inmobiliaria, bienes raíces",
    Industry.SERVICES: (
        "service, marketing, advertising, employment, recruiting, staffing, consulting, legal, logistics, servicios"
    ),
    Industry.GOVERNMENT: "public sector, public administration, gobierno, sector público",
    Industry.OTHER: "entertainment, media, agriculture, mining, energy, tourism, nonprofit, otro, otros",
}


def _word(text: str) -> str:
    return folding.fold(text.replace("_", " ").replace("-", " "))


EXACT = {_word(industry): industry for industry in Industry}
KNOWN = {_word(alias): industry for industry, words in ALIASES.items() for alias in words.split(",")} | EXACT


def recognise(word: str) -> tuple[Industry, bool]:
    """Our industry for the word (`OTHER` for one nobody knows), and whether the word says exactly the same."""
    folded = _word(word)
    return KNOWN.get(folded, Industry.OTHER), folded in EXACT
