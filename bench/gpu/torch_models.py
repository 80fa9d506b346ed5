#!/usr/bin/env python3
"""A network in PyTorch for check_everything: torch_models.py MODEL HOW.

MODEL  resnet50 or transformer; HOW  plain, profiled (by PyTorch itself) or nvtx (ranges with shapes).
Prints one JSON object: what ran in the measured steps.
"""

import json
import sys

import torch

STEPS = 20


def resnet50():
    import torchvision

    return torchvision.models.resnet50().cuda().eval(), torch.randn(16, 3, 224, 224, device="cuda")


def transformer():
    layer = torch.nn.TransformerEncoderLayer(d_model=768, nhead=12, dim_feedforward=3072, batch_first=True)
    return torch.nn.TransformerEncoder(layer, 12).cuda().eval(), torch.randn(8, 128, 768, device="cuda")


def steps(model, inputs):
    for _ in range(STEPS):
        model(inputs)
    torch.cuda.synchronize()


def main():
    model, inputs = {"resnet50": resnet50, "transformer": transformer}[sys.argv[1]]()
    how = sys.argv[2]
    with torch.inference_mode():
        # Algorithms are chosen before anything is measured; the range says where the measured part begins.
        steps(model, inputs)
        torch.cuda.nvtx.range_push("measured")
        if how == "profiled":
            from torch.profiler import ProfilerActivity, profile

            with profile(activities=[ProfilerActivity.CUDA]) as seen:
                steps(model, inputs)
            kernels = [e for e in seen.events() if e.device_type == torch.autograd.DeviceType.CUDA]
            kernels = [e for e in kernels if not e.name.startswith(("Memcpy", "Memset"))]
            print(json.dumps({"kernels": len(kernels), "ms": sum(e.time_range.elapsed_us() for e in kernels) / 1e3}))
        elif how == "nvtx":
            with torch.autograd.profiler.emit_nvtx(record_shapes=True):
                steps(model, inputs)
            print(json.dumps({}))
        else:
            steps(model, inputs)
            print(json.dumps({}))
        torch.cuda.nvtx.range_pop()


main()
