"""What belongs to no dialect: the errors of addresses that are none of any published contract."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponseBase, JsonResponse

from backend.core.errors import DomainError
from backend.dialects import problem

View = Callable[..., HttpResponseBase]


def problems(view: View) -> View:
    """Answer what goes wrong as `{"error": {"code": …, "details": {…}}}`, without a sentence: programs read it."""

    @wraps(view)
    def answering(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except (DomainError, DatabaseError) as failure:
            error = problem.as_domain_error(failure)
            body = {"error": {"code": error.code, "details": error.facts}}
            return JsonResponse(body, status=problem.status(error))

    return answering
