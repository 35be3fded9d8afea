# dlcli in a container.
#
#     docker build --target cpu -t dlcli .
#     docker run --init --rm -v "$PWD:/workspace" --user "$(id -u):$(id -g)" dlcli train digits-cnn
#
#     docker build --target gpu -t dlcli:gpu .
#     docker run --init --rm --gpus all --shm-size 1g \
#         -v "$PWD:/workspace" --user "$(id -u):$(id -g)" dlcli:gpu train digits-cnn
#
# Runs and caches appear in the current folder, as yours. `--init` lets a stop arrive at once in
# every command and at every moment.
#
# Any image with Python 3.11 to 3.13 and its venv module will do as PYTHON_IMAGE.
ARG PYTHON_IMAGE=python:3.12-slim


# ---- what is installed: one virtual environment, so that TensorFlow finds the CUDA
# ---- libraries beside itself and no LD_LIBRARY_PATH is needed
FROM ${PYTHON_IMAGE} AS environment
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
RUN python3 -m venv /opt/dlcli
WORKDIR /build
COPY pyproject.toml constraints.txt ./
# The dependencies alone: this layer, by far the largest, stays as it is when only code changes.
RUN /opt/dlcli/bin/python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['dependencies'], sep='\n')" > requirements.txt \
    && /opt/dlcli/bin/pip install -c constraints.txt -r requirements.txt

FROM environment AS gpu-environment
RUN /opt/dlcli/bin/python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['optional-dependencies']['gpu'], sep='\n')" > gpu.txt \
    && /opt/dlcli/bin/pip install -c constraints.txt -r gpu.txt

FROM ${PYTHON_IMAGE} AS wheel
WORKDIR /build
RUN python3 -m venv venv
COPY pyproject.toml README.md LICENSE ./
COPY dlcli dlcli
COPY recipes recipes
RUN venv/bin/pip wheel --no-cache-dir --no-deps --wheel-dir /wheel .


# ---- what runs
FROM ${PYTHON_IMAGE} AS runtime
# Runs and caches are in the work folder, which any user may write, with or without a
# volume on it. USER stands in for the account name that an arbitrary UID has not got.
ENV PATH=/opt/dlcli/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    HOME=/workspace \
    USER=dlcli \
    XDG_CACHE_HOME=/workspace/.cache \
    XDG_CONFIG_HOME=/workspace/.cache/config \
    KERAS_HOME=/workspace/.cache/keras \
    MPLCONFIGDIR=/workspace/.cache/matplotlib \
    CUDA_CACHE_PATH=/workspace/.cache/cuda \
    CUDA_CACHE_MAXSIZE=4294967296
# Chinese, Japanese and Korean labels in plots.
RUN if command -v apt-get >/dev/null; then \
        apt-get update -qq && apt-get install -y -qq --no-install-recommends fonts-wqy-microhei \
        && rm -rf /var/lib/apt/lists/*; \
    fi
RUN mkdir /workspace && chmod 1777 /workspace
WORKDIR /workspace
STOPSIGNAL SIGTERM
EXPOSE 6006
ENTRYPOINT ["dlcli"]
CMD ["train", "digits-cnn"]
LABEL org.opencontainers.image.title="dlcli" \
      org.opencontainers.image.description="The deep-learning command line for Keras" \
      org.opencontainers.image.licenses="MIT"

FROM runtime AS gpu
COPY --from=gpu-environment /opt/dlcli /opt/dlcli
COPY --from=wheel /wheel /tmp/wheel
RUN /opt/dlcli/bin/pip install --no-cache-dir --no-deps --no-index /tmp/wheel/*.whl && rm -r /tmp/wheel
USER 1000:1000

FROM runtime AS cpu
COPY --from=environment /opt/dlcli /opt/dlcli
COPY --from=wheel /wheel /tmp/wheel
RUN /opt/dlcli/bin/pip install --no-cache-dir --no-deps --no-index /tmp/wheel/*.whl && rm -r /tmp/wheel
USER 1000:1000
