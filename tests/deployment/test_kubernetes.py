"""The manifests for Kubernetes, held against its schemas and against what our programs need."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import kubernetes_validate  # pyright: ignore[reportMissingTypeStubs]  it has none
import pytest
import yaml
from dotenv import dotenv_values

from cpor.page import server
from cpor.settings import PREFIX, Settings
from worker import LONGEST_STOP

FOLDER = Path(__file__).resolve().parents[2] / "deployment/kubernetes"
KUSTOMIZATION: Mapping[str, Any] = yaml.safe_load((FOLDER / "kustomization.yaml").read_text())
RESOURCES: list[dict[str, Any]] = [
    resource
    for file in KUSTOMIZATION["resources"]
    for resource in yaml.safe_load_all((FOLDER / file).read_text("utf-8"))
]
SETTINGS = {name: value or "" for name, value in dotenv_values(FOLDER / "settings.env").items()}
KUSTOMIZE = shutil.which("kustomize")
NEWEST, OLDEST = "1.37", "1.29"
OURS = {"worker": LONGEST_STOP.total_seconds(), "page": server.GRACE}
each_resource = pytest.mark.parametrize(
    "resource", RESOURCES, ids=lambda each: f"{each['kind']}-{each['metadata']['name']}"
)
each_program = pytest.mark.parametrize("name", OURS)


def named(kind: str, name: str) -> dict[str, Any]:
    (found,) = (
        each for each in RESOURCES if (each["kind"], each["metadata"]["name"]) == (kind, name)
    )
    return found


def pod(name: str) -> dict[str, Any]:
    return named("Deployment", name)["spec"]["template"]


def container(name: str) -> dict[str, Any]:
    (only,) = pod(name)["spec"]["containers"]
    return only


def environment(name: str) -> dict[str, str]:
    return {**SETTINGS, **{each["name"]: each["value"] for each in container(name)["env"]}}


@each_resource
@pytest.mark.parametrize("version", [OLDEST, NEWEST])
def test_each_is_as_kubernetes_has_it(resource: dict[str, Any], version: str) -> None:
    kubernetes_validate.validate(resource, version, strict=True)  # pyright: ignore[reportUnknownMemberType]  see above


@pytest.mark.skipif(KUSTOMIZE is None, reason="kustomize is not on the PATH")
def test_kustomize_puts_them_together() -> None:
    done = subprocess.run(
        [str(KUSTOMIZE), "build", str(FOLDER)], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    made = list(yaml.safe_load_all(done.stdout))
    assert len(made) == len(RESOURCES) + 1, "and the settings"
    images = {each for each in done.stdout.splitlines() if "image:" in each}
    assert {each.strip() for each in images} == {"image: cpor-claims-worker:0.1.0"}


def test_every_file_of_the_folder_is_used() -> None:
    used = {*KUSTOMIZATION["resources"], *KUSTOMIZATION["configMapGenerator"][0]["envs"]}
    assert {each.name for each in FOLDER.iterdir()} == {*used, "kustomization.yaml"}


@each_program
def test_they_are_set_up_by_settings_they_know(name: str) -> None:
    known = {f"{PREFIX}{field}".upper() for field in Settings.model_fields}
    assert {each for each in environment(name) if each.startswith("CLAIMS_")} <= known
    ours = {each: value for each, value in environment(name).items() if each in known}
    known_values = {each.removeprefix(PREFIX).lower(): value for each, value in ours.items()}
    Settings.model_validate({**known_values, "link_secret": "s" * 32})


@each_program
def test_they_can_gain_no_rights_and_write_nowhere_but_tmp(name: str) -> None:
    assert pod(name)["spec"]["securityContext"]["runAsUser"] == 10001
    assert pod(name)["spec"]["automountServiceAccountToken"] is False
    assert container(name)["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    writable = [each for each in container(name)["volumeMounts"] if not each.get("readOnly")]
    assert [each["mountPath"] for each in writable] == ["/tmp"]


@each_program
def test_probes_ask_where_health_is_shown(name: str) -> None:
    setting = {"worker": "CLAIMS_HEALTH_ADDRESS", "page": "CLAIMS_DECLINE_HEALTH_ADDRESS"}[name]
    ports = {each["name"]: each["containerPort"] for each in container(name)["ports"]}
    assert environment(name)[setting] == f"0.0.0.0:{ports['health']}"
    for probe, path in (("livenessProbe", "/live"), ("readinessProbe", "/ready")):
        assert container(name)[probe]["httpGet"] == {"path": path, "port": "health"}


@each_program
def test_they_have_time_to_finish_and_one_always_stays(name: str) -> None:
    assert pod(name)["spec"]["terminationGracePeriodSeconds"] >= OURS[name] + 5
    budget = named("PodDisruptionBudget", name)["spec"]
    assert named("Deployment", name)["spec"]["replicas"] > budget["minAvailable"] == 1
    assert budget["selector"]["matchLabels"] == pod(name)["metadata"]["labels"]


def test_only_the_page_is_visited_and_only_by_the_proxy() -> None:
    assert named("NetworkPolicy", "nobody")["spec"] == {
        "podSelector": {},
        "policyTypes": ["Ingress", "Egress"],
    }
    visitors = named("NetworkPolicy", "visitors")["spec"]
    assert visitors["podSelector"]["matchLabels"] == pod("page")["metadata"]["labels"]
    assert [each["ports"] for each in visitors["ingress"]] == [
        [{"port": "page", "protocol": "TCP"}]
    ]
    assert named("Service", "page")["spec"]["selector"] == pod("page")["metadata"]["labels"]


def test_neither_holds_the_secrets_of_the_other() -> None:
    used = {
        name: {
            each["secret"]["secretName"]
            for each in pod(name)["spec"]["volumes"]
            if "secret" in each
        }
        for name in OURS
    }
    assert used == {"worker": {"claims-worker"}, "page": {"claims-page", "claims-page-key"}}
