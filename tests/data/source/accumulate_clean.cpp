// RUN: checks=accumulate-in-memory

#include <cstdio>
#include <vector>

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
  std::printf("%f\n", result[5]);
  return 0;
}
