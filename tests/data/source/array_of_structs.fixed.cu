// RUN: checks=array-of-structs

struct ParticleArrays {
  float* x;
  float* y;
  float* z;
  float* mass;
};

static __global__ void drift(ParticleArrays particles, float dt, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) particles.x[i] += dt * particles.mass[i];
  // CHECK-MESSAGES: threads of a warp read members of 'particles' 16 bytes apart
}

void simulate(int n, int steps) {
  ParticleArrays particles{};
  cudaMalloc(&particles.x, n * sizeof(float));
  cudaMalloc(&particles.y, n * sizeof(float));
  cudaMalloc(&particles.z, n * sizeof(float));
  cudaMalloc(&particles.mass, n * sizeof(float));
  cudaMemset(particles.x, 0, n * sizeof(float));
  cudaMemset(particles.y, 0, n * sizeof(float));
  cudaMemset(particles.z, 0, n * sizeof(float));
  cudaMemset(particles.mass, 0, n * sizeof(float));
  for (int s = 0; s < steps; ++s) {
    drift<<<(n + 255) / 256, 256>>>(particles, 0.1f, n);
  }
  cudaFree(particles.x);
  cudaFree(particles.y);
  cudaFree(particles.z);
  cudaFree(particles.mass);
}
