"""Manifests for Kubernetes: an indexed Job, the service that names its pods, a volume."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from dlcli.devices import cluster
from dlcli.errors import UsageError
from dlcli.launch.job import RESTART, Job, dns_label, size

WORKSPACE = "/workspace"  # of the image: runs, data and caches; see the Dockerfile
_RECIPES = "/recipes"
_USER = 1000  # any would do: the image runs as an arbitrary user
_SAVING_SECONDS = 300  # from SIGTERM to SIGKILL: a step and a checkpoint
_EVICTED = {"type": "DisruptionTarget", "status": "True"}
_SHARED_MEMORY = "1Gi"  # NCCL's; a container has 64 MB by itself


@dataclass(frozen=True)
class Place:
    """Where and with what the pods run.

    Args:
        image: of the container, built from the Dockerfile of dlcli.
        namespace: None for the one that kubectl uses.
        claim: name of a volume claim that is there already, or None to ask for one.
        storage: size of the claim that is asked for, such as "50G".
        gpus: of each worker; 0 for none.
        cpus: cores of each worker.
        memory: of each worker, such as "32G".
    """

    image: str
    namespace: str | None
    claim: str | None
    storage: str
    gpus: int
    cpus: int
    memory: str


def manifests(
    job: Job, place: Place, *, max_restarts: int, recipe_text: str | None
) -> list[dict[str, Any]]:
    """Describe the job.

    Args:
        job: what is trained; a worker is a pod.
        max_restarts: how often pods that failed for an unknown reason are replaced.
        recipe_text: of a recipe that the image does not bring.

    Returns:
        The documents, in the order in which they are to be made.

    Raises:
        UsageError: a name or a size is not what Kubernetes takes.
    """
    for option, value in (("--claim", place.claim), ("--namespace", place.namespace)):
        if value is not None and not re.fullmatch(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?", value):
            raise UsageError(
                f"{option} is {value!r}, which is no name in Kubernetes.",
                "Expected lower-case letters, digits and '-', such as team-runs.",
            )
    if not re.fullmatch(r"[\w.:/@-]+", place.image, re.ASCII):
        raise UsageError(
            f"--image is {place.image!r}, which names no image.",
            "Expected such as registry.example.org/dlcli:gpu.",
        )
    # Room for what is added: the index of a pod, "-runs".
    name = dns_label(job.run, longest=50)
    documents: list[dict[str, Any]] = []
    if place.claim is None:
        documents.append(_claim(name, place))
    if recipe_text is not None:
        documents.append(
            {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": _metadata(name, place),
                "data": {_recipe_file(job): recipe_text},
            }
        )
    documents += [_service(name, place), _job(name, job, place, max_restarts, recipe_text)]
    return documents


def write(documents: list[dict[str, Any]], job: Job, path: str = "") -> str:
    """Write manifests as one YAML file that says what each is for and what to type.

    Args:
        documents: as `manifests` gives them.
        path: of the file, for the commands that it names.
    """
    metadata = documents[-1]["metadata"]
    name = metadata["name"]
    option = f" --namespace {metadata['namespace']}" if "namespace" in metadata else ""
    labels = ",".join(
        [f"batch.kubernetes.io/job-name={name}", "batch.kubernetes.io/job-completion-index=0"]
    )
    return "".join(
        [
            f"# Trains the run {job.run} on {job.num_workers} pods. "
            "Written by `dlcli launch --kubernetes`.\n#\n",
            f"#     kubectl apply -f {shlex.quote(path or f'{name}.yaml')}\n",
            f"#     kubectl get pods{option} --selector batch.kubernetes.io/job-name={name}\n",
            f"#     kubectl logs{option} --follow --selector {labels}\n",
            f"#     kubectl delete{option} job/{name}  # applied again, the run goes on\n",
            *(_with_reasons(document) for document in documents),
        ]
    )


_REASONS = {
    "PersistentVolumeClaim": "Runs, checkpoints, data and caches. Many nodes write: the storage "
    "class must offer ReadWriteMany.",
    "ConfigMap": "The recipe, which the image does not bring.",
    "Service": "Gives each pod a name that the others find, before it is ready as well.",
    "Job": "A pod a worker. The job is done when worker 0 is, which alone writes the run. "
    f"Exit code {RESTART} (another worker was lost) and 143 (SIGTERM) start a pod again without "
    "being counted; 2, 3 and 5 (usage, data, diverged) would come again and end the job.",
}


def _with_reasons(document: dict[str, Any]) -> str:
    text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100)
    words, line, lines = _REASONS[document["kind"]].split(), "#", []
    for word in words:
        if len(line) + len(word) > 98:
            lines.append(line)
            line = "#"
        line += f" {word}"
    return "---\n" + "".join(f"{each}\n" for each in [*lines, line]) + text


def _metadata(name: str, place: Place) -> dict[str, Any]:
    metadata: dict[str, Any] = {"name": name, "labels": {"app.kubernetes.io/name": "dlcli"}}
    if place.namespace:
        metadata["namespace"] = place.namespace
    return metadata


def _claim(name: str, place: Place) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": _metadata(f"{name}-runs", place),
        "spec": {
            "accessModes": ["ReadWriteMany"],
            "resources": {"requests": {"storage": _bytes(place.storage, "--storage")}},
        },
    }


def _service(name: str, place: Place) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": _metadata(name, place),
        "spec": {
            "clusterIP": "None",
            # Workers look for each other while they start.
            "publishNotReadyAddresses": True,
            "selector": {"batch.kubernetes.io/job-name": name},
            "ports": [{"name": "grpc", "port": cluster.DEFAULT_PORT}],
        },
    }


def _job(
    name: str, job: Job, place: Place, max_restarts: int, recipe_text: str | None
) -> dict[str, Any]:
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": _metadata(name, place),
        "spec": {
            "completionMode": "Indexed",
            "completions": job.num_workers,
            "parallelism": job.num_workers,
            "backoffLimit": max_restarts,
            "podReplacementPolicy": "Failed",
            "podFailurePolicy": {
                "rules": [
                    {"action": "FailJob", "onExitCodes": _exit_codes(2, 3, 5)},
                    {"action": "Ignore", "onExitCodes": _exit_codes(RESTART, 143)},
                    {"action": "Ignore", "onPodConditions": [_EVICTED]},
                ]
            },
            "successPolicy": {"rules": [{"succeededIndexes": "0"}]},
            "template": {
                "metadata": {"labels": {"app.kubernetes.io/name": "dlcli"}},
                "spec": _pod(name, job, place, recipe_text),
            },
        },
    }


def _recipe_file(job: Job) -> str:
    """A key of a ConfigMap, which is the name of the file as well."""
    return re.sub(r"[^-._a-zA-Z0-9]", "-", Path(job.recipe or "recipe").stem) + ".yaml"


def _exit_codes(*codes: int) -> dict[str, Any]:
    return {"containerName": "worker", "operator": "In", "values": list(codes)}


def _pod(name: str, job: Job, place: Place, recipe_text: str | None) -> dict[str, Any]:
    volumes = list(_volumes(name, place, recipe_text))
    recipe = None if recipe_text is None else f"{_RECIPES}/{_recipe_file(job)}"
    resources = {"cpu": str(place.cpus), "memory": _bytes(place.memory, "--memory")}
    gpus = {"nvidia.com/gpu": place.gpus} if place.gpus else {}
    variables = {
        cluster.KUBERNETES_WORKERS: job.num_workers,
        cluster.KUBERNETES_JOB: name,
        cluster.KUBERNETES_SERVICE: name,
        cluster.PORT: cluster.DEFAULT_PORT,
    }
    return {
        "subdomain": name,
        "restartPolicy": "Never",
        "terminationGracePeriodSeconds": _SAVING_SECONDS,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": _USER,
            "runAsGroup": _USER,
            "fsGroup": _USER,
            "fsGroupChangePolicy": "OnRootMismatch",
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [
            {
                "name": "worker",
                "image": place.image,
                "args": job.train_arguments(recipe),
                "env": [{"name": key, "value": str(value)} for key, value in variables.items()],
                "ports": [{"name": "grpc", "containerPort": cluster.DEFAULT_PORT}],
                "resources": {"requests": resources, "limits": {**resources, **gpus}},
                "securityContext": {
                    "allowPrivilegeEscalation": False,
                    "capabilities": {"drop": ["ALL"]},
                },
                "volumeMounts": [mount for _, mount in volumes],
            }
        ],
        "volumes": [volume for volume, _ in volumes],
    }


def _bytes(text: str, option: str) -> str:
    """A size as Kubernetes writes it: its "G" are powers of ten, its "Gi" of two."""
    return f"{size(text, option)}i"


def _volumes(
    name: str, place: Place, recipe_text: str | None
) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Each volume with where it is mounted."""
    claim = {"claimName": place.claim or f"{name}-runs"}
    yield (
        {"name": "workspace", "persistentVolumeClaim": claim},
        {"name": "workspace", "mountPath": WORKSPACE},
    )
    yield (
        {"name": "shared-memory", "emptyDir": {"medium": "Memory", "sizeLimit": _SHARED_MEMORY}},
        {"name": "shared-memory", "mountPath": "/dev/shm"},
    )
    if recipe_text is not None:
        yield (
            {"name": "recipe", "configMap": {"name": name}},
            {"name": "recipe", "mountPath": _RECIPES, "readOnly": True},
        )
