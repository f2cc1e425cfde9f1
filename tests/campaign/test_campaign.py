"""A campaign gives the same rows wherever and however often it runs, and loses none."""

from __future__ import annotations

import csv
import json
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from room import MISSION, SCENARIO, scenario, written

from patrolcar.cli import Exit, campaign, main
from patrolcar.config.problems import BadFileError
from patrolcar.errors import CommandError, ConfigError
from sim.campaign import row as rows_module
from sim.campaign.case import Case
from sim.campaign.junit import junit
from sim.campaign.page import histogram, page
from sim.campaign.row import Row, driven
from sim.campaign.scenario_file import load_case
from sim.campaign.store import Store
from sim.campaign.summary import compared, summary
from sim.campaign.workers import rows

__all__ = ["scenario"]
SEEDS = (1, 2, 3)
AGAIN = "patrolcar campaign x --seed {seed}"


def without_time(found: list[Row]) -> list[Row]:
    return sorted(row._replace(cpu_s=None) for row in found)


def a_row(seed: int, **changes: Any) -> Row:
    good = Row(
        seed, "done", "done", sim_s=30.0, distance_m=10.0, collisions=0, touched=0, min_clearance_m=0.3
    )
    return good._replace(**changes)


class TestRows:
    def test_a_seed_does_the_same_again_and_another_seed_does_not(self, scenario: Path) -> None:
        case = load_case(scenario)
        first, again, other = driven(case, 1), driven(case, 1), driven(case, 2)
        assert first.ending == "done"
        assert first.is_good
        assert without_time([first]) == without_time([again])
        assert first.trace != other.trace

    def test_what_a_row_says_is_what_happened(self, scenario: Path) -> None:
        row = driven(load_case(scenario), 1)
        assert (row.laps, row.visits, row.missed, row.collisions) == (1, 2, 0, 0)
        assert row.distance_m is not None
        assert 3.0 < row.distance_m < 8.0
        assert row.worst_pose_error_m is not None
        assert 0.0 < row.worst_pose_error_m < 0.15
        assert row.frames_lost is not None
        assert row.frames_lost > 0  # the line loses a byte in a thousand
        assert 0.0 < (row.charge_used or 0.0) < 0.01

    def test_a_mission_alone_is_a_scenario_without_trouble(self, scenario: Path) -> None:
        row = driven(load_case(scenario.with_name("round.yaml")), 1)
        assert row.is_good
        assert row.frames_lost == 0

    def test_a_mistake_of_ours_is_a_row_and_the_next_mission_goes_on(
        self, scenario: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(*_: object) -> None:
            message = "broken on purpose"
            raise ZeroDivisionError(message)

        case = load_case(scenario)
        with monkeypatch.context() as patched:
            patched.setattr(rows_module, "staged", broken)
            row = driven(case, 1)
        assert row.ending == "crashed"
        assert "ZeroDivisionError: broken on purpose (broken, line" in row.why
        assert not row.is_good
        assert driven(case, 1).is_good

    def test_too_long_is_an_ending(self, scenario: Path) -> None:
        assert driven(replace(load_case(scenario), limit_s=5.0), 1).ending == "too_long"


class TestWorkers:
    def test_processes_and_a_cluster_give_the_rows_of_one_process(self, scenario: Path) -> None:
        case = load_case(scenario)
        alone = list(rows(case, SEEDS, jobs=1))
        assert without_time(list(rows(case, SEEDS, jobs=2))) == without_time(alone)
        distributed = pytest.importorskip("distributed")
        with distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
        ) as cluster:
            far = list(rows(case, SEEDS, jobs=1, cluster=cluster.scheduler_address))
        assert without_time(far) == without_time(alone)

    def test_a_cluster_that_does_not_answer_is_a_sentence(self, scenario: Path) -> None:
        pytest.importorskip("distributed")
        with pytest.raises(CommandError, match="no Dask scheduler answers there"):
            list(rows(load_case(scenario), SEEDS, jobs=1, cluster="tcp://127.0.0.1:1"))


class TestStore:
    def test_rows_come_back_as_they_were(self, tmp_path: Path, scenario: Path) -> None:
        kept = [a_row(3, why='it\'s "done"'), a_row(1), Row(2, "crashed", "why")]
        with Store(tmp_path / "x.db", load_case(scenario)) as store:
            for row in kept:
                store.add(row)
        with Store(tmp_path / "x.db") as store:
            assert store.rows() == sorted(kept)
            assert store.missing(range(1, 6)) == [4, 5]
            assert store.name == "Room, bad line"

    def test_another_campaign_is_never_mixed_in(self, tmp_path: Path, scenario: Path) -> None:
        case = load_case(scenario)
        Store(tmp_path / "x.db", case).__exit__(None, None, None)
        with pytest.raises(ConfigError, match="holds the results of 'Room, bad line' with other files"):
            Store(tmp_path / "x.db", replace(case, people=3))

    def test_foreign_files_are_refused_and_left_alone(self, tmp_path: Path, scenario: Path) -> None:
        case = load_case(scenario)
        text, foreign = tmp_path / "notes.txt", tmp_path / "photos.db"
        text.write_text("hello " * 100)
        other = sqlite3.connect(foreign)
        other.execute("CREATE TABLE photos (name TEXT)")
        other.close()
        before = text.read_bytes(), foreign.read_bytes()
        for path in (text, foreign):
            with pytest.raises(ConfigError, match="choose another --out"):
                Store(path, case)
        assert (text.read_bytes(), foreign.read_bytes()) == before
        with pytest.raises(ConfigError, match="no such results file"):
            Store(tmp_path / "missing.db")


class TestConclusions:
    def test_a_campaign_is_summed_up(self) -> None:
        told = summary(
            [a_row(1), a_row(2, collisions=2), a_row(3, ending="stopped"), Row(4, "crashed", "why")]
        )
        assert told.bad_seeds == (2, 3, 4)
        assert told.good.estimate == 0.25
        assert (told.collisions, told.distance_km) == (2, 0.03)
        assert told.endings == {"done": 2, "stopped": 1, "crashed": 1}

    def test_a_campaign_that_got_worse_is_told_and_one_that_did_not_is_not(self) -> None:
        before = [a_row(seed) for seed in range(20)]
        slower = [a_row(seed, sim_s=31.0 + seed) for seed in range(20)]
        hitting = [a_row(seed, collisions=1) for seed in range(20)]
        worse = {question.title for question in compared(before, slower) if question.is_worse}
        assert worse == {"duration"}
        assert not any(question.is_worse for question in compared(slower, before))  # faster is no worse
        assert not any(question.is_worse for question in compared(before, before))
        assert {question.title for question in compared(before, hitting) if question.is_worse} == {
            "good missions"
        }

    def test_few_pairs_prove_nothing(self) -> None:
        assert not any(q.is_worse for q in compared([a_row(1)], [a_row(1, collisions=1, sim_s=99.0)]))
        assert not any(q.is_worse for q in compared([], [a_row(1)]))

    def test_the_page_needs_nothing_else_and_shows_text_as_text(self) -> None:
        rows_shown = [a_row(1), a_row(2, collisions=1, why="<script>alert(1)</script>")]
        written_page = page("A & B", summary(rows_shown), rows_shown, compared(rows_shown, rows_shown), AGAIN)
        assert "A &amp; B" in written_page
        assert "<script" not in written_page
        assert "http" not in written_page
        assert "patrolcar campaign x --seed 2" in written_page

    def test_every_value_is_in_the_drawing(self) -> None:
        drawing = histogram([1.0, 1.0, 2.0, 3.0])
        assert drawing.count("<rect") == 3
        assert histogram([5.0]).count("<rect") == 1

    def test_junit_names_each_seed_that_failed(self) -> None:
        bad = [a_row(1), a_row(2, ending="stopped", why="a\x1bb"), Row(3, "crashed", "oops")]
        suite = ET.fromstring(junit("x", bad, [], AGAIN))  # noqa: S314  (our own text)
        assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("3", "1", "1")
        assert [case.get("name") for case in suite if len(case)] == ["seed 2", "seed 3"]


class TestCommand:
    def test_it_goes_on_where_it_ended_and_its_files_agree(
        self,
        scenario: Path,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.chdir(tmp_path)
        assert main(["campaign", str(scenario), "--seeds", "1", "--jobs", "1"]) == 0
        table, site = tmp_path / "rows.csv", tmp_path / "report.html"
        arguments = ["--seeds", "2", "--jobs", "1", "--csv", str(table), "--html", str(site), "--json"]
        assert main(["campaign", str(scenario), *arguments, "--baseline", "runs/scenario.db"]) == 0
        printed = capsys.readouterr()
        assert "1 of 2 seeds are in the results file already" in printed.err
        result = json.loads(printed.out.splitlines()[-1])
        assert (result["missions"], result["collisions"], result["worse"]) == (2, 0, [])
        with table.open() as file:
            assert [line["seed"] for line in csv.DictReader(file)] == ["1", "2"]
        assert "2 of 2 missions went well" in site.read_text(encoding="utf-8")

    def test_one_seed_is_shown_as_the_report_promises(
        self, scenario: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["campaign", str(scenario), "--seed", "2"]) == 0
        shown = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines())
        assert shown["trace"] == driven(load_case(scenario), 2).trace

    def test_a_mission_that_fails_is_the_exit_code_and_a_command(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.chdir(tmp_path)
        short = written(tmp_path, scenario=SCENARIO.replace("limit_s: 120", "limit_s: 6"))
        assert main(["campaign", str(short), "--seeds", "1", "--jobs", "1"]) == 1
        assert f"patrolcar campaign {short} --seed 1" in capsys.readouterr().out

    def test_ctrl_c_loses_no_row_and_says_how_to_go_on(
        self,
        scenario: Path,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        def interrupted(case: Case, seeds: list[int], *_: object) -> Iterator[Row]:
            yield driven(case, seeds[0])
            raise KeyboardInterrupt

        monkeypatch.chdir(tmp_path)
        command = ["campaign", str(scenario), "--seeds", "2", "--jobs", "1"]
        with monkeypatch.context() as patched:
            patched.setattr(campaign, "rows", interrupted)
            assert main(command) == Exit.INTERRUPTED
        assert (
            "1 of 2 seeds are kept in runs/scenario.db: the same command goes on" in capsys.readouterr().err
        )
        assert main(command) == Exit.DONE
        printed = capsys.readouterr()
        assert "1 of 2 seeds are in the results file already" in printed.err
        assert printed.out.splitlines()[-1] == "results: runs/scenario.db"

    @pytest.mark.parametrize(
        ("arguments", "code", "sentence"),
        [
            (["--svg", "run.svg"], Exit.USAGE, "say which with --seed"),
            (["--html", "nowhere/report.html"], Exit.BAD_FILE, "there is no folder 'nowhere'"),
            (["--baseline", "before.db"], Exit.BAD_FILE, "there is no such results file"),
        ],
    )
    def test_what_would_fail_at_the_end_fails_before_anything_is_driven(
        self,
        scenario: Path,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        arguments: list[str],
        code: Exit,
        sentence: str,
    ) -> None:
        monkeypatch.chdir(tmp_path)
        assert main(["campaign", str(scenario), "--seeds", "1", "--jobs", "1", *arguments]) == code
        assert sentence in capsys.readouterr().err
        assert not (tmp_path / "runs").exists()


def test_the_time_to_go_follows_from_the_pace_since_the_first_result() -> None:
    pace = campaign.Pace(1000)
    said = [pace.counted(now_s) for now_s in (100.0, 102.0, 104.0, 106.0, 108.0, 250.0)]
    assert said == ["", "", "", "", ", 33 min to go", ", 497 min to go"]


class TestFiles:
    def test_every_mistake_of_every_file_is_told_at_once(self, tmp_path: Path) -> None:
        bad = written(
            tmp_path,
            scenario=SCENARIO.replace("230400", "fast").replace("0.001", "7") + "colour: red\n",
            round=MISSION.replace("door", "dor"),
        )
        with pytest.raises(BadFileError) as error:
            load_case(bad)
        told = str(error.value)
        for part in ("line.baud", "line.loss", "colour", "round.yaml:4", "did you mean door"):
            assert part in told, told

    def test_everything_that_decides_changes_the_digest(self, scenario: Path) -> None:
        case = load_case(scenario)
        others: list[Case] = [
            replace(case, people=1),
            replace(case, limit_s=1.0),
            replace(case, line=replace(case.line, loss=0.5)),
            replace(case, files=(*case.files[:-1], (case.files[-1][0], b"x"))),
        ]
        assert len({case.digest, *(other.digest for other in others)}) == 5
        assert load_case(scenario).digest == case.digest
