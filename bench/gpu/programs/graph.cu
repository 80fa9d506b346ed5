// Launches through a CUDA graph: 20 nodes, 50 times.
#include "common.cuh"

__global__ void node(float* data) { data[threadIdx.x] += 1; }

int main() {
  float* data = device<float>(256);
  cudaStream_t stream;
  cudaGraph_t graph;
  cudaGraphExec_t ready;
  CHECK(cudaStreamCreate(&stream));
  CHECK(cudaStreamBeginCapture(stream, cudaStreamCaptureModeGlobal));
  for (int i = 0; i < 20; ++i) node<<<1, 256, 0, stream>>>(data);
  CHECK(cudaStreamEndCapture(stream, &graph));
  CHECK(cudaGraphInstantiate(&ready, graph, 0));
  for (int i = 0; i < 50; ++i) CHECK(cudaGraphLaunch(ready, stream));
  CHECK(cudaStreamSynchronize(stream));
  std::printf("{\"kernels\": 1000, \"launches\": 50}\n");
  return 0;
}
