#!/bin/sh
# What `make demo` shows: the two-host example compiled, its files, and what to do next.
set -eu
cd "$(dirname "$0")/.."
out=build/demo
echo "--- examples/two-hosts/lab.yaml ---"
sed -n '1,200p' examples/two-hosts/lab.yaml
echo
echo "--- build/labc build examples/two-hosts/lab.yaml -o $out ---"
build/labc build --force examples/two-hosts/lab.yaml -o "$out"
echo
echo "--- what labc says when something is wrong: a guest with 14 GiB ---"
mkdir -p build/demo-broken
sed 's/memory: 4 GiB/memory: 14 GiB/' examples/two-hosts/lab.yaml >build/demo-broken/lab.yaml
build/labc lint build/demo-broken/lab.yaml || true
cat <<TEXT

Try next:
  less $out/README.md                          the steps for whoever sets the class up
  less $out/lab-vm-1/setup.ps1                 the script for the lab VM: the data on top, the rest is the same for every lab
  build/labc lint examples/two-hosts/lab.yaml  after changing a port, an address, a size in it
  build/labc --help                            all commands
  make test                                    every suite, judged by the real PowerShell engine and Bicep
TEXT
