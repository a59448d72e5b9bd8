"""Optuna's studies in a journal file, for scripts/search: with heartbeats, which Optuna has for SQL alone."""

import os
from collections.abc import Callable
from pathlib import Path

from optuna import Study
from optuna.storages import JournalStorage
from optuna.storages._heartbeat import BaseHeartbeat
from optuna.storages.journal import JournalFileBackend
from optuna.trial import FrozenTrial, TrialState


class Journal(JournalStorage, BaseHeartbeat):
    """A journal file, and beside it a folder with a file for each trial, whose time is the trial's last heartbeat.

    All times are the file server's, so the clocks of the workers do not matter.
    """

    def __init__(self, path: Path, interval: int, grace: int, retry: Callable[[Study, FrozenTrial], None]):
        super().__init__(JournalFileBackend(str(path)))
        self.beats, self.interval, self.grace, self.retry = Path(f"{path}.heartbeats"), interval, grace, retry
        self.beats.mkdir(exist_ok=True)

    def record_heartbeat(self, trial_id: int) -> None:
        (self.beats / str(trial_id)).touch()

    def last(self, name: str) -> float:
        # Opened, not only looked at: a network file system may show an old time until then. A file that is missing
        # is made, so that its time begins now.
        with open(self.beats / name, "a") as file:
            return os.fstat(file.fileno()).st_mtime

    def _get_stale_trial_ids(self, study_id: int) -> list[int]:
        self.beats.joinpath("now").touch()
        now = self.last("now")
        running = self.get_all_trials(study_id, deepcopy=False, states=(TrialState.RUNNING,))
        return [trial._trial_id for trial in running if now - self.last(str(trial._trial_id)) > self.grace]

    def get_heartbeat_interval(self) -> int:
        return self.interval

    def get_heartbeat_stale_trial_callback(self) -> Callable[[Study, FrozenTrial], None]:
        return self.retry
