"""Which workers train together, as the environment of this process says it.

Three things say it, and the first that speaks is believed: `TF_CONFIG`, which people and operators
such as Kubeflow set; the variables of an indexed Kubernetes Job whose manifest `dlcli launch`
wrote; those of a Slurm step that srun started with several tasks. `DLCLI_CLUSTER=none` makes this
process train alone whatever they say.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dlcli.errors import UsageError

OPT_OUT = "DLCLI_CLUSTER"
PORT = "DLCLI_PORT"
KUBERNETES_WORKERS = "DLCLI_WORKERS"
KUBERNETES_JOB = "DLCLI_JOB"
KUBERNETES_SERVICE = "DLCLI_SERVICE"
KUBERNETES_INDEX = "JOB_COMPLETION_INDEX"
DEFAULT_PORT = 12345

# Ports of Slurm jobs: below those that Linux gives to outgoing connections (from 32768 on).
# Jobs on one node mostly have numbers near each other, so their ports are that far apart.
_FIRST_PORT = 10000
_PORTS_OF_A_JOB = 16
_NUM_PORT_BLOCKS = 1250
_BLOCKS_BETWEEN_STEPS = 617  # no divisor of the number of blocks: steps of one job stay apart

_MOST_NODES = 65536
_ALONE = f"To train alone in this place, set {OPT_OUT}=none."


@dataclass(frozen=True)
class Cluster:
    """Workers that train one model together.

    Args:
        workers: host:port of each; worker 0, which writes the run, first.
        index: which of them this process is.
        source: who said so: "TF_CONFIG", "Kubernetes" or "Slurm".
    """

    workers: tuple[str, ...]
    index: int
    source: str

    def tf_config(self) -> str:
        """What TensorFlow reads from the variable TF_CONFIG."""
        return json.dumps(
            {
                "cluster": {"worker": list(self.workers)},
                "task": {"type": "worker", "index": self.index},
            }
        )


def of_environment(environ: Mapping[str, str]) -> Cluster | None:
    """Find the cluster that this process belongs to.

    Returns:
        The cluster, or None for a process that trains alone: nothing names a cluster, the cluster
        has a single worker, or DLCLI_CLUSTER is "none".

    Raises:
        UsageError: a variable has a value that cannot be, or contradicts another.
    """
    opted_out = environ.get(OPT_OUT, "")
    if opted_out not in ("", "none"):
        raise UsageError(
            f"{OPT_OUT} is {opted_out!r}, but its only value is 'none' (train alone).",
            "Unset it, and the cluster is found in TF_CONFIG, or by Kubernetes or Slurm.",
        )
    if opted_out:
        return None
    cluster = _of_tf_config(environ) or _of_kubernetes(environ) or _of_slurm(environ)
    if cluster is None or len(cluster.workers) == 1:
        return None
    return cluster


def _of_tf_config(environ: Mapping[str, str]) -> Cluster | None:
    text = environ.get("TF_CONFIG", "").strip()
    if not text:
        return None
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise _bad_tf_config(f"is no JSON ({error.msg} at character {error.pos})") from error
    if not isinstance(document, dict):
        raise _bad_tf_config("is no JSON object")
    roles = document.get("cluster")
    if not roles:
        return None  # what a service gives to a job of one machine
    if not isinstance(roles, dict):
        raise _bad_tf_config("has a 'cluster' that is no object of roles")
    for role in roles:
        if role not in ("chief", "worker"):
            raise _bad_tf_config(f"has the role {role!r} in its cluster", _why_not(role))
    chiefs, workers = (_addresses(roles, role) for role in ("chief", "worker"))
    if len(chiefs) > 1:
        raise _bad_tf_config(f"has {len(chiefs)} chiefs, but there can be one")
    together = chiefs + workers
    _refuse_doubles(together, "TF_CONFIG")
    if not together:
        raise _bad_tf_config("has a 'cluster' without workers")

    task = document.get("task")
    if not isinstance(task, dict):
        raise _bad_tf_config("does not say which 'task' this process is")
    role, index = task.get("type"), task.get("index", 0)
    if role not in ("chief", "worker"):
        raise _bad_tf_config(f"makes this process a task of type {role!r}", _why_not(role))
    if isinstance(index, str) and index.isdecimal():
        index = int(index)
    of_role = chiefs if role == "chief" else workers
    if not isinstance(index, int) or isinstance(index, bool) or not 0 <= index < len(of_role):
        raise _bad_tf_config(
            f"gives this process index {index!r} of the role {role!r}, which has {len(of_role)}"
        )
    # A chief is worker 0, and the others follow it.
    return Cluster(together, index + (len(chiefs) if role == "worker" else 0), "TF_CONFIG")


def _addresses(roles: Mapping[str, Any], role: str) -> tuple[str, ...]:
    listed = roles.get(role, [])
    if not isinstance(listed, list) or not all(isinstance(address, str) for address in listed):
        raise _bad_tf_config(f'has {role!r} addresses that are no list of "host:port"')
    for address in listed:
        host, _, port = address.rpartition(":")
        if not host or re.search(r"[\s/]", host) or not _is_port(port):
            raise _bad_tf_config(f"has the {role} address {address!r}, which is no host:port")
    return tuple(listed)


def _bad_tf_config(what: str, why: str = "") -> UsageError:
    shape = (
        '{"cluster": {"worker": ["host-a:12345", "host-b:12345"]}, '
        '"task": {"type": "worker", "index": 0}}'
    )
    return UsageError(f"TF_CONFIG {what}.{why and ' ' + why}", f"Expected: {shape} {_ALONE}")


def _why_not(role: Any) -> str:
    if role == "ps":
        return "Parameter servers are not supported: all workers hold the whole model."
    if role == "evaluator":
        return "There is no evaluator: worker 0 evaluates after each epoch."
    return "The roles are 'worker' and, for worker 0, 'chief'."


def _of_kubernetes(environ: Mapping[str, str]) -> Cluster | None:
    ours = (KUBERNETES_WORKERS, KUBERNETES_JOB, KUBERNETES_SERVICE)
    given = [name for name in ours if environ.get(name)]
    if not given:
        return None  # an indexed Job may be for something else, such as prediction by shards
    for name in (*ours, KUBERNETES_INDEX):
        if not environ.get(name):
            raise UsageError(
                f"{given[0]} is set, but {name} is not.",
                f"Together they name the workers of an indexed Job; `dlcli launch --kubernetes` "
                f"writes a manifest that sets them. {_ALONE}",
            )
    num_workers = _number(environ, KUBERNETES_WORKERS, least=1)
    index = _number(environ, KUBERNETES_INDEX)
    if index >= num_workers:
        raise UsageError(
            f"{KUBERNETES_INDEX} is {index}, but {KUBERNETES_WORKERS} is {num_workers}: "
            f"the indices are 0 to {num_workers - 1}.",
            f"Set {KUBERNETES_WORKERS} to the `completions` of the Job. {_ALONE}",
        )
    job, service = environ[KUBERNETES_JOB], environ[KUBERNETES_SERVICE]
    for name in (KUBERNETES_JOB, KUBERNETES_SERVICE):
        if not re.fullmatch(r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?", environ[name]):
            raise UsageError(
                f"{name} is {environ[name]!r}, which is no name in Kubernetes.",
                "Expected lower-case letters, digits and '-', as in digits-cnn.",
            )
    port = _port(environ) or DEFAULT_PORT
    # Pods of an indexed Job have the host name JOB-INDEX, in the domain of their service.
    workers = tuple(f"{job}-{number}.{service}:{port}" for number in range(num_workers))
    return Cluster(workers, index, "Kubernetes")


def _of_slurm(environ: Mapping[str, str]) -> Cluster | None:
    """The tasks of a Slurm step.

    Only srun starts steps: in the script of sbatch, in the shell of salloc and on a login node
    there is no SLURM_STEP_ID, or the step has the one task that the shell is.
    """
    if "SLURM_STEP_ID" not in environ or "SLURM_PROCID" not in environ:
        return None
    tasks_name = _first_set(environ, "SLURM_STEP_NUM_TASKS", "SLURM_NTASKS")
    if tasks_name is None:
        return None
    num_tasks = _number(environ, tasks_name, least=1)
    if num_tasks == 1:
        return None
    nodes_name = _first_set(environ, "SLURM_STEP_NODELIST", "SLURM_JOB_NODELIST", "SLURM_NODELIST")
    if nodes_name is None:
        raise UsageError(
            f"{tasks_name} is {num_tasks}, but SLURM_JOB_NODELIST is not set.",
            f"Start the workers with srun inside a job. {_ALONE}",
        )
    nodes = expand_nodes(environ[nodes_name], nodes_name)
    counts = _tasks_per_node(environ, len(nodes), num_tasks, tasks_name)
    node_of_task = _node_of_each_task(counts, environ.get("SLURM_DISTRIBUTION", ""))

    index = _number(environ, "SLURM_PROCID")
    if index >= num_tasks:
        raise UsageError(
            f"SLURM_PROCID is {index}, but {tasks_name} is {num_tasks}: "
            f"the tasks are 0 to {num_tasks - 1}.",
            _ALONE,
        )
    if "SLURM_NODEID" in environ:
        node = _number(environ, "SLURM_NODEID")
        if node != node_of_task[index]:
            raise UsageError(
                f"SLURM_NODEID is {node}, but task {index} is expected on node "
                f"{node_of_task[index]} ({nodes[node_of_task[index]]}).",
                "The tasks are not in the order of the nodes: start them with "
                f"`srun --distribution=block`. {_ALONE}",
            )
    first_port = _port(environ) or _port_of_job(environ)
    used = [0] * len(nodes)
    workers = []
    for node in node_of_task:
        port = first_port + used[node]
        if port > 65535:
            raise UsageError(
                f"{PORT} is {first_port}, which leaves no port for {max(counts)} tasks on a node.",
                "Give a lower one.",
            )
        workers.append(f"{nodes[node]}:{port}")
        used[node] += 1
    return Cluster(tuple(workers), index, "Slurm")


def _port_of_job(environ: Mapping[str, str]) -> int:
    job = _number(environ, _first_set(environ, "SLURM_JOB_ID", "SLURM_JOBID") or "SLURM_JOB_ID")
    step = _number(environ, "SLURM_STEP_ID")
    block = (job + _BLOCKS_BETWEEN_STEPS * step) % _NUM_PORT_BLOCKS
    return _FIRST_PORT + _PORTS_OF_A_JOB * block


def _tasks_per_node(
    environ: Mapping[str, str], num_nodes: int, num_tasks: int, tasks_name: str
) -> list[int]:
    """How many tasks each node has, in the order of the nodes."""
    counts_name = _first_set(environ, "SLURM_STEP_TASKS_PER_NODE", "SLURM_TASKS_PER_NODE")
    if counts_name:
        counts = _repeated_counts(environ[counts_name], counts_name)
    elif environ.get("SLURM_NTASKS_PER_NODE"):
        counts_name = "SLURM_NTASKS_PER_NODE"
        counts = [_number(environ, counts_name, least=1)] * num_nodes
    else:
        # Slurm spreads tasks evenly, the first nodes taking what is over.
        each, over = divmod(num_tasks, num_nodes)
        counts_name, counts = tasks_name, [each + (node < over) for node in range(num_nodes)]
    if len(counts) != num_nodes or sum(counts) != num_tasks or min(counts) == 0:
        raise UsageError(
            f"{counts_name} is {environ[counts_name]!r}, which does not fit {num_tasks} tasks "
            f"({tasks_name}) on {num_nodes} nodes.",
            f"Ask srun for a number of tasks that every node shares, such as "
            f"`srun --ntasks={num_nodes} --ntasks-per-node=1`. {_ALONE}",
        )
    return counts


def _repeated_counts(text: str, name: str) -> list[int]:
    """Read `2(x3),1` as 2, 2, 2, 1."""
    counts: list[int] = []
    for part in text.split(","):
        match = re.fullmatch(r"(\d+)(?:\(x(\d+)\))?", part.strip(), re.ASCII)
        if not match or int(match[2] or 1) > _MOST_NODES:
            raise UsageError(
                f"{name} is {text!r}, which cannot be read.",
                f"Expected what Slurm writes, such as 2(x3),1. {_ALONE}",
            )
        counts += [int(match[1])] * int(match[2] or 1)
    return counts


def _node_of_each_task(counts: Sequence[int], distribution: str) -> list[int]:
    """Which node each task is on, by the order that srun gave them."""
    first_level = re.split(r"[:,]", distribution)[0].lower()
    if first_level == "cyclic":  # one task a node in turn, as long as a node has some left
        rounds = range(max(counts))
        return [node for turn in rounds for node, count in enumerate(counts) if turn < count]
    if first_level in ("", "block", "*") or max(counts) == 1:
        return [node for node, count in enumerate(counts) for _ in range(count)]
    raise UsageError(
        f"SLURM_DISTRIBUTION is {distribution!r}, in which the node of a task is not known.",
        f"Start the workers with `srun --distribution=block`. {_ALONE}",
    )


def expand_nodes(text: str, name: str = "SLURM_JOB_NODELIST") -> tuple[str, ...]:
    """Write out a list of nodes.

    Args:
        text: as Slurm writes it: `gpu[01-03,07],login-2` is gpu01, gpu02, gpu03, gpu07, login-2;
            of several brackets in one name the last runs fastest.
        name: the variable that holds it, for errors.

    Raises:
        UsageError: it cannot be read, or names a node twice.
    """
    nodes: list[str] = []
    for pattern in _split_outside_brackets(text):
        pieces = re.split(r"\[([^\[\]]*)\]", pattern.strip())
        literals, brackets = pieces[::2], pieces[1::2]
        if not any(pieces) or any(re.search(r"[^\w.-]", literal) for literal in literals):
            raise _bad_nodes(text, name)
        choices = [list(_numbers(bracket, text, name)) for bracket in brackets]
        num_nodes = len(nodes)
        for choice in choices:
            num_nodes = max(num_nodes, 1) * len(choice)
        if num_nodes > _MOST_NODES:
            raise _bad_nodes(text, name)
        for chosen in itertools.product(*choices):
            between = itertools.zip_longest(literals, chosen, fillvalue="")
            nodes.append("".join(itertools.chain.from_iterable(between)))
    _refuse_doubles(nodes, name)
    return tuple(nodes)


def _split_outside_brackets(text: str) -> list[str]:
    return re.split(r",(?![^\[\]]*\])", text)


def _numbers(bracket: str, text: str, name: str) -> Iterator[str]:
    """Write out `01-03,07`, as wide as the first number of each range."""
    for part in bracket.split(","):
        match = re.fullmatch(r"(\d+)(?:-(\d+))?", part, re.ASCII)
        if not match:
            raise _bad_nodes(text, name)
        low, high = match[1], match[2] or match[1]
        if not int(low) <= int(high) < int(low) + _MOST_NODES:
            raise _bad_nodes(text, name)
        for number in range(int(low), int(high) + 1):
            yield str(number).zfill(len(low))


def _bad_nodes(text: str, name: str) -> UsageError:
    return UsageError(
        f"{name} is {text!r}, which cannot be read.",
        f"Expected what Slurm writes, such as gpu[01-03,07],login-2. {_ALONE}",
    )


def _refuse_doubles(names: Sequence[str], variable: str) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise UsageError(
                f"{variable} names {name} twice.", f"Two workers cannot share an address. {_ALONE}"
            )
        seen.add(name)


def _first_set(environ: Mapping[str, str], *names: str) -> str | None:
    return next((name for name in names if environ.get(name)), None)


def _number(environ: Mapping[str, str], name: str, least: int = 0) -> int:
    text = environ.get(name, "")
    if not re.fullmatch(r"\d{1,18}", text, re.ASCII) or int(text) < least:
        raise UsageError(
            f"{name} is {text!r}, but a whole number from {least} on is expected."
            if text
            else f"{name} is not set.",
            _ALONE,
        )
    return int(text)


def _is_port(text: str) -> bool:
    return bool(re.fullmatch(r"\d{1,5}", text, re.ASCII)) and 1 <= int(text) <= 65535


def _port(environ: Mapping[str, str]) -> int | None:
    text = environ.get(PORT, "")
    if not text:
        return None
    if not _is_port(text):
        raise UsageError(
            f"{PORT} is {text!r}, which is no port.", "Expected a number from 1 to 65535."
        )
    return int(text)
