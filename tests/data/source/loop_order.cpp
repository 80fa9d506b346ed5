// RUN: checks=cpu-loop-order

#include <cstdio>
#include <vector>

static float grid[300][400];

static void fill() {
  for (int j = 0; j < 400; ++j) {
    for (int i = 0; i < 300; ++i) {
      grid[i][j] = static_cast<float>(i * 3 + j);
      // CHECK-MESSAGES: the inner loop over 'i' steps 1600 bytes through 'grid'
    }
  }
}

static void columnSums(std::vector<float>& sums) {
  for (int c = 0; c < 400; ++c)
    for (int r = 0; r < 300; ++r) sums[c] += grid[r][c];
  // CHECK-MESSAGES: the inner loop over 'r' steps 1600 bytes through 'grid'
  // CHECK-NOFIX: 'sums' may overlap 'grid': nothing says what 'sums' points to
}

int main() {
  fill();
  const int rows = 200, columns = 100;
  std::vector<double> in(rows * columns, 1.5), out(rows * columns);
  for (int c = 0; c < columns; ++c) {
    for (int r = 0; r < rows; ++r) {
      out[r * columns + c] = in[r * columns + c] * 2 + c;
      // CHECK-MESSAGES: the inner loop over 'r' steps 800 bytes through 'in'
    }
  }
  std::vector<float> sums(400);
  columnSums(sums);
  double total = 0;
  for (double v : out) total += v;
  std::printf("%f %f %f\n", total, static_cast<double>(sums[7]), static_cast<double>(grid[20][30]));
  return 0;
}
