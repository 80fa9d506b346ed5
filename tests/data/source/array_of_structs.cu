// RUN: checks=array-of-structs

struct Particle {
  float x;
  float y;
  float z;
  float mass;
};

static __global__ void drift(Particle* particles, float dt, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) particles[i].x += dt * particles[i].mass;
  // CHECK-MESSAGES: threads of a warp read members of 'particles' 16 bytes apart
}

void simulate(int n, int steps) {
  Particle* particles = nullptr;
  cudaMalloc(&particles, n * sizeof(Particle));
  cudaMemset(particles, 0, n * sizeof(Particle));
  for (int s = 0; s < steps; ++s) {
    drift<<<(n + 255) / 256, 256>>>(particles, 0.1f, n);
  }
  cudaFree(particles);
}
