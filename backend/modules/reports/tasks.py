"""Comparing the figures that the reports read with the rows behind them."""

from celery import shared_task

from backend.core import rebuilding, tally


@shared_task(ignore_result=True)
def rebuild_figures(workspace_id: int) -> None:
    """Put a workspace's figures right, and say in the log and to the doctor what was off. Then compact all of them."""
    rebuilding.rebuild(workspace_id)
    tally.compact_workspace(workspace_id)
