#!/usr/bin/env bash
# What a vendor does: installs the plugin SDK, builds the template against it, tests it, records with it.
#   out_of_tree.sh SOURCE_DIR BUILD_DIR
set -euo pipefail
source=$1 build=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cmake --install "$build" --component plugin_sdk --prefix "$work/prefix" >/dev/null
cp -r "$source/plugins/template" "$work/template"
cmake -S "$work/template" -B "$work/build" -DCMAKE_PREFIX_PATH="$work/prefix" -DCMAKE_BUILD_TYPE=Release \
  -DCMAKE_C_FLAGS="-Wall -Wextra -Werror" >/dev/null
cmake --build "$work/build" >/dev/null
plugin=$work/build/libridgeline_acme_plugin.so
"$build/bin/ridgeline" plugin test "$plugin"
export RIDGELINE_PLUGIN_PATH=$plugin RIDGELINE_CACHE_DIR=$work
"$build/bin/ridgeline" plugin list | grep -q 'acme 1.0.0'
"$build/bin/ridgeline" record -o "$work/demo.ridge" -- "$work/build/acme_demo"
kernels=$("$build/bin/ridgeline" query "$work/demo.ridge" "SELECT COUNT(*) AS n FROM kernel" --format json | tr -dc 0-9)
[ "$kernels" = 40 ] || { echo "recorded $kernels kernels of 40"; exit 1; }
echo "the template was built out of tree, passes, and was recorded"
