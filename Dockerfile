FROM python:3.13.14-slim-bookworm AS build
ENV UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1
RUN pip install --no-cache-dir uv==0.13.8
WORKDIR /app
COPY pyproject.toml uv.lock ./
# `--extra worker --extra ocr` recognises text in scans, and makes the image some 300 MB larger.
ARG EXTRAS="--extra worker"
RUN uv sync --frozen --no-dev $EXTRAS
COPY . .
# The worker's user may not write beside the sources, so they are compiled here.
RUN python -m compileall -q -x '/\.venv/' .

FROM python:3.13.14-slim-bookworm
RUN useradd --system --uid 10001 claims && install --directory --owner claims /data
COPY --from=build /app /app
ENV PATH=/app/.venv/bin:$PATH PYTHONPATH=/app PYTHONUNBUFFERED=1
WORKDIR /app
# By number, so that an orchestrator sees that it is not root.
USER 10001
CMD ["python", "worker.py"]
