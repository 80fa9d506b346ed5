// RUN: checks=accumulate-in-memory

#include <cstdio>
#include <vector>

static void rowSums(const std::vector<double>& m, std::vector<double>& sums, int n) {
  for (int r = 0; r < n; ++r) {
    for (int c = 0; c < n; ++c) sums[r] += m[r * n + c];
    // CHECK-MESSAGES: the sum 'sums[r]' is loaded and stored in every round
    // CHECK-NOFIX: 'sums' may overlap 'm': nothing says what 'sums' points to
  }
}

int main() {
  const int n = 64;
  std::vector<double> matrix(n * n, 0.5), sums(n), vector(n, 2.0), result(n);
  rowSums(matrix, sums, n);
  for (int r = 0; r < n; ++r) {
    double sum2 = 1.0;
    for (int c = 0; c < n; ++c) {
      sum2 += matrix[r * n + c] * vector[c];
      // CHECK-MESSAGES: the sum 'result[r]' is loaded and stored in every round
    }
    result[r] = sum2;
  }
  std::printf("%f %f\n", sums[3], result[5]);
  return 0;
}
