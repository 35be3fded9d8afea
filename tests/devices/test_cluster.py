"""The cluster that a process belongs to, as its environment says."""

import json
import re

import pytest

from dlcli.devices import cluster
from dlcli.errors import UsageError

TWO = {"cluster": {"worker": ["a:1", "b:2"]}, "task": {"type": "worker", "index": 1}}

SLURM = {
    "SLURM_JOB_ID": "4711",
    "SLURM_STEP_ID": "0",
    "SLURM_JOB_NODELIST": "gpu[01-02]",
    "SLURM_NTASKS": "2",
    "SLURM_TASKS_PER_NODE": "1(x2)",
    "SLURM_PROCID": "1",
    "SLURM_NODEID": "1",
    "DLCLI_PORT": "5000",
}

KUBERNETES = {
    "DLCLI_WORKERS": "3",
    "DLCLI_JOB": "digits",
    "DLCLI_SERVICE": "digits-workers",
    "JOB_COMPLETION_INDEX": "2",
}


def tf_config(workers=None, task=None, **roles):
    """The variable, with one thing changed."""
    document = {"cluster": {**TWO["cluster"], **roles}, "task": task or TWO["task"]}
    if workers is not None:
        document["cluster"]["worker"] = workers
    return {"TF_CONFIG": json.dumps(document)}


def slurm(**changed):
    """The variables of one task; None removes one."""
    return {name: value for name, value in (SLURM | changed).items() if value is not None}


@pytest.mark.parametrize(
    "environ",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"TF_CONFIG": " "}, id="empty"),
        pytest.param({"TF_CONFIG": "{}"}, id="no cluster"),
        pytest.param(
            {"TF_CONFIG": '{"cluster": {}, "task": {"type": "master"}}'},
            id="one machine of a cloud",
        ),
        pytest.param(tf_config(["a:1"], {"type": "worker", "index": 0}), id="one worker"),
        pytest.param({"JOB_COMPLETION_INDEX": "1"}, id="an indexed Job for something else"),
        pytest.param(
            KUBERNETES | {"DLCLI_WORKERS": "1", "JOB_COMPLETION_INDEX": "0"}, id="a Job of one"
        ),
        pytest.param(slurm(SLURM_STEP_ID=None, SLURM_PROCID="0"), id="the script of sbatch"),
        pytest.param(slurm(SLURM_STEP_ID=None, SLURM_PROCID=None), id="the shell of salloc"),
        pytest.param(
            slurm(SLURM_STEP_NUM_TASKS="1", SLURM_STEP_NODELIST="gpu01", SLURM_PROCID="0"),
            id="one task in a job of several",
        ),
        pytest.param(slurm(SLURM_NTASKS=None), id="srun without --ntasks"),
        pytest.param(tf_config() | slurm() | {"DLCLI_CLUSTER": "none"}, id="opted out"),
    ],
)
def test_a_process_trains_alone_unless_it_is_told_of_others(environ):
    assert cluster.of_environment(environ) is None


@pytest.mark.parametrize(
    ("environ", "workers", "index"),
    [
        pytest.param(tf_config(), ("a:1", "b:2"), 1, id="workers"),
        pytest.param(
            tf_config(task={"type": "worker", "index": "0"}), ("a:1", "b:2"), 0, id="text"
        ),
        pytest.param(
            tf_config(chief=["c:3"]), ("c:3", "a:1", "b:2"), 2, id="a worker with a chief"
        ),
        pytest.param(
            tf_config(chief=["c:3"], task={"type": "chief"}), ("c:3", "a:1", "b:2"), 0, id="chief"
        ),
        pytest.param(tf_config(["[::1]:1", "a:1"]), ("[::1]:1", "a:1"), 1, id="IPv6"),
        pytest.param(tf_config() | slurm() | KUBERNETES, ("a:1", "b:2"), 1, id="before others"),
    ],
)
def test_tf_config_is_taken_as_it_is_and_a_chief_is_worker_0(environ, workers, index):
    assert cluster.of_environment(environ) == cluster.Cluster(workers, index, "TF_CONFIG")


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({"TF_CONFIG": "{'cluster'"}, "TF_CONFIG is no JSON"),
        ({"TF_CONFIG": "[1]"}, "TF_CONFIG is no JSON object"),
        ({"TF_CONFIG": '{"cluster": ["a:1"]}'}, "'cluster' that is no object"),
        (tf_config(ps=["p:1"]), "role 'ps' in its cluster. Parameter servers are not supported"),
        (tf_config(evaluator=["e:1"]), "role 'evaluator' in its cluster. There is no evaluator"),
        (tf_config(task={"type": "evaluator", "index": 0}), "type 'evaluator'. There is no"),
        (tf_config(task={"type": "ps", "index": 0}), "type 'ps'. Parameter servers"),
        (tf_config(master=["m:1"]), "role 'master' in its cluster. The roles are"),
        (tf_config(chief=["c:1", "d:1"]), "2 chiefs"),
        (tf_config(task={"type": "worker", "index": 2}), "index 2 of the role 'worker'"),
        (tf_config(task={"type": "worker", "index": -1}), "index -1 of the role"),
        (tf_config(task={"type": "worker", "index": True}), "index True of the role"),
        (tf_config(task={"type": "chief", "index": 0}), "index 0 of the role 'chief', which has 0"),
        ({"TF_CONFIG": '{"cluster": {"worker": ["a:1"]}}'}, "which 'task' this process is"),
        (tf_config([]), "without workers"),
        (tf_config({"0": "a:1"}), "no list of"),
        (tf_config(["a", "b:2"]), "'a', which is no host:port"),
        (tf_config(["a:0", "b:2"]), "'a:0', which is no host:port"),
        (tf_config(["a:70000", "b:2"]), "'a:70000', which is no host:port"),
        (tf_config(["http://a:1", "b:2"]), "no host:port"),
        (tf_config(["a:1", "a:1"]), "TF_CONFIG names a:1 twice"),
        (tf_config(chief=["a:1"]), "TF_CONFIG names a:1 twice"),
    ],
)
def test_a_tf_config_that_cannot_be_is_refused_with_its_reason(environ, message):
    with pytest.raises(UsageError, match=re.escape(message)):
        cluster.of_environment(environ)


def test_what_tensorflow_is_told_is_read_back_the_same():
    found = cluster.of_environment(slurm())
    again = cluster.of_environment({"TF_CONFIG": found.tf_config()})
    assert (again.workers, again.index) == (found.workers, found.index)


@pytest.mark.parametrize(
    ("text", "nodes"),
    [
        ("login", ["login"]),
        ("a,b", ["a", "b"]),
        ("gpu[01-03,07],login-2", ["gpu01", "gpu02", "gpu03", "gpu07", "login-2"]),
        ("n[8-11]", ["n8", "n9", "n10", "n11"]),
        ("n[008-011]", ["n008", "n009", "n010", "n011"]),
        ("n[0-1]-ib,m[3]", ["n0-ib", "n1-ib", "m3"]),
        ("r[1-2]n[01-02]", ["r1n01", "r1n02", "r2n01", "r2n02"]),
        ("r[1,3]-n[9-10]-eth0", ["r1-n9-eth0", "r1-n10-eth0", "r3-n9-eth0", "r3-n10-eth0"]),
        ("[1-2]", ["1", "2"]),
        ("gpu.example.org", ["gpu.example.org"]),
    ],
)
def test_a_list_of_nodes_is_written_out(text, nodes):
    assert list(cluster.expand_nodes(text)) == nodes


@pytest.mark.parametrize(
    "text",
    [
        *("", ",", "a,,b", "a[1-2", "a1-2]", "a[]", "a[1-]", "a[3-1]", "a[x]", "a[1-2[3]]"),
        *("a b", "a[1-9999999]", "a[1-999]b[1-999]", "a[²]"),
    ],
)
def test_a_list_of_nodes_that_cannot_be_is_named(text):
    with pytest.raises(UsageError, match=re.escape(f"SLURM_JOB_NODELIST is {text!r}")):
        cluster.expand_nodes(text)


def test_a_node_that_is_listed_twice_is_named():
    with pytest.raises(UsageError, match="SLURM_JOB_NODELIST names n2 twice"):
        cluster.expand_nodes("n[1-2],n[2-3]")


@pytest.mark.parametrize(
    ("changed", "workers"),
    [
        pytest.param({}, ["gpu01:5000", "gpu02:5000"], id="one a node"),
        pytest.param(
            {"SLURM_NTASKS": "3", "SLURM_TASKS_PER_NODE": "2,1", "SLURM_PROCID": "2"},
            ["gpu01:5000", "gpu01:5001", "gpu02:5000"],
            id="ports of their own on a node",
        ),
        pytest.param(
            {
                "SLURM_JOB_NODELIST": "a[1-3],b",
                "SLURM_NTASKS": "7",
                "SLURM_TASKS_PER_NODE": "2(x3),1",
                "SLURM_PROCID": "3",
            },
            ["a1:5000", "a1:5001", "a2:5000", "a2:5001", "a3:5000", "a3:5001", "b:5000"],
            id="counts repeated",
        ),
        pytest.param(
            {
                "SLURM_NTASKS": "4",
                "SLURM_TASKS_PER_NODE": None,
                "SLURM_NTASKS_PER_NODE": "2",
                "SLURM_PROCID": "2",
            },
            ["gpu01:5000", "gpu01:5001", "gpu02:5000", "gpu02:5001"],
            id="the option of srun",
        ),
        pytest.param(
            {"SLURM_NTASKS": "3", "SLURM_TASKS_PER_NODE": None, "SLURM_PROCID": "2"},
            ["gpu01:5000", "gpu01:5001", "gpu02:5000"],
            id="spread evenly",
        ),
        pytest.param(
            {
                "SLURM_NTASKS": "5",
                "SLURM_TASKS_PER_NODE": "3,2",
                "SLURM_DISTRIBUTION": "cyclic:block",
            },
            ["gpu01:5000", "gpu02:5000", "gpu01:5001", "gpu02:5001", "gpu01:5002"],
            id="cyclic",
        ),
        pytest.param(
            {
                "SLURM_JOB_NODELIST": "gpu[01-08]",
                "SLURM_NTASKS": "16",
                "SLURM_STEP_NODELIST": "gpu[03-04]",
                "SLURM_STEP_NUM_TASKS": "2",
                "SLURM_STEP_TASKS_PER_NODE": "1(x2)",
            },
            ["gpu03:5000", "gpu04:5000"],
            id="a step on a part of the job",
        ),
    ],
)
def test_the_tasks_of_a_slurm_step_are_the_workers(changed, workers):
    found = cluster.of_environment(slurm(**changed))
    assert (list(found.workers), found.source) == (workers, "Slurm")
    assert found.index == int(changed.get("SLURM_PROCID", "1"))


def ports(job, step="0"):
    environ = slurm(
        SLURM_JOB_ID=str(job),
        SLURM_STEP_ID=step,
        SLURM_JOB_NODELIST="gpu01",
        SLURM_NTASKS="8",
        SLURM_TASKS_PER_NODE="8",
        SLURM_NODEID="0",
        DLCLI_PORT=None,
    )
    return {worker.partition(":")[2] for worker in cluster.of_environment(environ).workers}


def test_jobs_with_numbers_near_each_other_and_steps_of_a_job_have_different_ports():
    used = [ports(job) for job in range(123_456, 123_956)]
    used += [ports(123_956, str(step)) for step in range(2)]
    assert len(set().union(*used)) == 502 * 8
    assert all(10_000 <= int(port) < 32_768 for port in set().union(*used))


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"SLURM_PROCID": "2"}, "SLURM_PROCID is 2, but SLURM_NTASKS is 2"),
        ({"SLURM_PROCID": "x"}, "SLURM_PROCID is 'x'"),
        ({"SLURM_PROCID": "²"}, "SLURM_PROCID is '²'"),
        ({"SLURM_NTASKS": "0"}, "SLURM_NTASKS is '0'"),
        ({"SLURM_NODEID": "0"}, "SLURM_NODEID is 0, but task 1 is expected on node 1 (gpu02)"),
        ({"SLURM_NTASKS": "3"}, "SLURM_TASKS_PER_NODE is '1(x2)', which does not fit 3 tasks"),
        ({"SLURM_TASKS_PER_NODE": "1,1,0"}, "does not fit 2 tasks (SLURM_NTASKS) on 2 nodes"),
        ({"SLURM_TASKS_PER_NODE": "1x2"}, "SLURM_TASKS_PER_NODE is '1x2', which cannot be read"),
        ({"SLURM_TASKS_PER_NODE": "1(x99999999999)"}, "which cannot be read"),
        (
            {"SLURM_TASKS_PER_NODE": None, "SLURM_NTASKS_PER_NODE": "2"},
            "SLURM_NTASKS_PER_NODE is '2', which does not fit",
        ),
        (
            {"SLURM_TASKS_PER_NODE": None, "SLURM_JOB_NODELIST": "n[1-3]"},
            "SLURM_NTASKS is '2', which does not fit 2 tasks (SLURM_NTASKS) on 3 nodes",
        ),
        ({"SLURM_JOB_NODELIST": "gpu[01-"}, "SLURM_JOB_NODELIST is 'gpu[01-'"),
        ({"SLURM_JOB_NODELIST": None}, "SLURM_JOB_NODELIST is not set"),
        ({"SLURM_JOB_ID": None, "DLCLI_PORT": None}, "SLURM_JOB_ID is not set"),
        ({"DLCLI_PORT": "0"}, "DLCLI_PORT is '0', which is no port"),
        (
            {
                "DLCLI_PORT": "65535",
                "SLURM_JOB_NODELIST": "n",
                "SLURM_TASKS_PER_NODE": "2",
                "SLURM_NODEID": "0",
            },
            "leaves no port for 2 tasks",
        ),
        (
            {
                "SLURM_NTASKS": "4",
                "SLURM_TASKS_PER_NODE": "2(x2)",
                "SLURM_DISTRIBUTION": "arbitrary",
            },
            "SLURM_DISTRIBUTION is 'arbitrary'",
        ),
    ],
)
def test_slurm_variables_that_contradict_each_other_are_named(changed, message):
    with pytest.raises(UsageError, match=re.escape(message)):
        cluster.of_environment(slurm(**changed))


def test_the_pods_of_an_indexed_job_are_the_workers():
    found = cluster.of_environment(KUBERNETES)
    addresses = tuple(f"digits-{number}.digits-workers:12345" for number in range(3))
    assert found == cluster.Cluster(addresses, 2, "Kubernetes")
    assert cluster.of_environment(KUBERNETES | {"DLCLI_PORT": "80"}).workers[0].endswith(":80")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"JOB_COMPLETION_INDEX": ""}, "DLCLI_WORKERS is set, but JOB_COMPLETION_INDEX is not"),
        ({"DLCLI_WORKERS": ""}, "DLCLI_JOB is set, but DLCLI_WORKERS is not"),
        ({"DLCLI_SERVICE": ""}, "DLCLI_WORKERS is set, but DLCLI_SERVICE is not"),
        ({"JOB_COMPLETION_INDEX": "3"}, "JOB_COMPLETION_INDEX is 3, but DLCLI_WORKERS is 3"),
        ({"DLCLI_WORKERS": "two"}, "DLCLI_WORKERS is 'two'"),
        ({"DLCLI_JOB": "Digits_1"}, "DLCLI_JOB is 'Digits_1', which is no name in Kubernetes"),
        ({"DLCLI_PORT": "99999"}, "DLCLI_PORT is '99999', which is no port"),
    ],
)
def test_kubernetes_variables_that_contradict_each_other_are_named(changed, message):
    with pytest.raises(UsageError, match=re.escape(message)):
        cluster.of_environment(KUBERNETES | changed)


def test_the_way_out_has_one_value():
    with pytest.raises(UsageError, match="DLCLI_CLUSTER is 'slurm', but its only value is 'none'"):
        cluster.of_environment({"DLCLI_CLUSTER": "slurm"})
