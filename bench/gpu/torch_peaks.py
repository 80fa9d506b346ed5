#!/usr/bin/env python3
"""What PyTorch reaches on this GPU, as an independent measure of its roofs. Prints a JSON object: operations/s by type."""

import json

import torch


def best_ms(body):
    for _ in range(5):
        body()
    times = []
    for _ in range(20):
        begin, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        begin.record()
        for _ in range(10):
            body()
        end.record()
        end.synchronize()
        times.append(begin.elapsed_time(end) / 10)
    return min(times)


def product(dtype, n):
    a, b = (torch.randn(n, n, device="cuda").to(dtype) for _ in range(2))
    return 2.0 * n**3 / best_ms(lambda: a @ b) * 1e3


def main():
    torch.backends.cuda.matmul.allow_tf32 = True
    peaks = {}
    for name, dtype in (("float16", torch.float16), ("bfloat16", torch.bfloat16), ("tensor-float32", torch.float32)):
        peaks[name] = max(product(dtype, n) for n in (4096, 8192))
    numbers = torch.empty(1 << 28, device="cuda")
    peaks["DRAM read"] = numbers.numel() * 4 / best_ms(numbers.sum) * 1e3
    print(json.dumps(peaks))


main()
