"""What writes each format, and what it is called on the web."""

from backend.modules.exchange import documents, files
from backend.modules.exchange.files import Writer
from backend.modules.exchange.models import Format

WRITERS: dict[str, Writer] = {
    Format.CSV: files.write_csv,
    Format.XLSX: files.write_xlsx,
    Format.PDF: documents.write_pdf,
}
MEDIA: dict[str, str] = {
    Format.CSV: "text/csv; charset=utf-8",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.PDF: "application/pdf",
}
