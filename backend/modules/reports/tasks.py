"""Comparing the figures that the reports read with the rows behind them."""

from celery import shared_task

from backend.core import rebuilding


@shared_task(ignore_result=True)
def rebuild_figures(workspace_id: int) -> None:
    """Put a workspace's figures right, and say in the log and to the doctor what was off."""
    rebuilding.rebuild(workspace_id)
