// RUN: checks=array-of-structs

struct Particles {
  float* x;
  float* mass;
};

static __global__ void drift(Particles particles, float dt, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) particles.x[i] += dt * particles.mass[i];
}

struct Pair {
  float first;
};

// A struct of one member is an array of that member; one record for all threads is read once.
static __global__ void first(const Pair* pairs, const Particles* all, float* out, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) out[i] = pairs[i].first + all[0].x[i];
}

struct Point {
  float x;
  float y;
};

// Both halves are wanted: the second comes from the cache.
static __global__ void split(const Point* points, float* x, float* y, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  x[i] = points[i].x;
  y[i] = points[i].y;
}
