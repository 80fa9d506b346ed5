// RUN: checks=array-of-structs

struct Sample {
  float value;
  float weight;
  int stamp;
  int place;
};

// Anybody may launch it.
__global__ void weigh(const Sample* samples, float* out, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) out[i] = samples[i].value * samples[i].weight;
  // CHECK-MESSAGES: threads of a warp read members of 'samples' 16 bytes apart
  // CHECK-NOFIX: 'weigh' takes it, and who calls that is not all seen
}

struct Node {
  float value;
  int next;
};

// Elements are handed around whole.
static __global__ void follow(Node* nodes, float* out, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  Node node = nodes[i];
  out[i] = node.value + nodes[i].value;
  // CHECK-MESSAGES: threads of a warp read members of 'nodes' 8 bytes apart
  // CHECK-NOFIX: an element is used as a whole in line 27
}

static void run(Node* nodes, float* out, int n) { follow<<<(n + 255) / 256, 256>>>(nodes, out, n); }
