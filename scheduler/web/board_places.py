"""Where a visit could go on a day, as plain data for the board: wall times, each sentence once."""

from __future__ import annotations

from typing import Any

from scheduler.planning.opening import local
from scheduler.services.why_not import Places, Run
from scheduler.web.board_blocks import WALL


def plain_places(places: Places) -> dict[str, Any]:
    """`runs`: chair, first and last start, end, and numbers of the sentences against it."""
    sentences = list(dict.fromkeys(one for run in places.runs for one in run.sentences))
    numbers = {sentence: number for number, sentence in enumerate(sentences)}

    def plain(run: Run) -> dict[str, Any]:
        times = (run.first, run.last, run.last + places.step)
        first, last, ends = (local(places.zone, at).strftime(WALL) for at in times)
        against = [numbers[sentence] for sentence in run.sentences]
        return {
            "chair": run.chair_id, "first": first, "last": last, "ends": ends, "against": against
        }  # fmt: skip

    return {
        "on": places.on.isoformat(),
        "whole_day": list(places.whole_day),
        "sentences": sentences,
        "runs": [plain(run) for run in places.runs],
    }
