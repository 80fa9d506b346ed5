// RUN: checks=accumulate-in-memory

#include <cstdio>
#include <vector>

struct Atoms {
  double* mass;
  double* speed;
  int count;
};

// Sums of the function's own.
static double energy(const Atoms& atoms) {
  double sums[2] = {0, 0};
  for (int i = 0; i < atoms.count; ++i) {
    sums[0] += atoms.mass[i] * atoms.speed[i] * atoms.speed[i];
    sums[1] += atoms.mass[i];
  }
  return sums[0] / sums[1];
}

int main() {
  const int n = 64;
  std::vector<double> matrix(n * n, 0.5), result(n);
  for (int r = 0; r < n; ++r) {
    double sum = 0;
    for (int c = 0; c < n; ++c) sum += matrix[r * n + c];
    result[r] = sum;
  }
  // Another element in every round.
  for (int c = 0; c < n; ++c) result[c] += matrix[c];
  std::printf("%f %f\n", result[5], energy({matrix.data(), result.data(), n}));
  return 0;
}
