# What each example needs, and what labc says when it cannot say it.
for e in "$GOLDEN"/../../examples/*/lab.yaml; do
	n=${e%/lab.yaml} n=${n##*/}
	mkdir "$n"
	cp "$e" "$n/lab.yaml"
	echo "\$ labc images $n/lab.yaml"
	"$LABC" images "$n/lab.yaml"
	echo "exit $?"
done
echo '$ labc images --format json ethical-hacking/lab.yaml'
"$LABC" images --format json ethical-hacking/lab.yaml
cat >unnamed.yaml <<'Y'
labc: 1
name: unnamed
target: hyper-v
host: { name: cellar, size: { vcpus: 32, memory: 128 GiB }, disk: 1 TiB, data: 'D:\labs' }
guests:
  alone: { os: freebsd-14, iso: 'D:\iso\tools.iso' }
  many: { os: windows-11, count: 3, licence: evaluation }
  odd: { os: other-linux, disks: [{ source: 'D:\images\data.vhdx' }] }
  down: { os: debian-12, image: 'https://images.example.edu/debian.vhdx' }
Y
echo '$ labc images unnamed.yaml'
"$LABC" images unnamed.yaml
echo "exit $?"
sed 's/debian-12, /debain-12, /' unnamed.yaml >wrong.yaml
"$LABC" images wrong.yaml
echo "exit $?"
"$LABC" images
echo "exit $?"
"$LABC" images --format xml unnamed.yaml
echo "exit $?"
"$LABC" images missing.yaml
echo "exit $?"
"$LABC" images - <unnamed.yaml | head -n 1
# what the catalogue knows of a URL's file is what setup.ps1 falls back on
"$LABC" build -q azure-vm/lab.yaml -o built 2>/dev/null
grep -o 'Url = .*/SERVER.*Bytes = [0-9]*[A-Z]*' built/*/setup.ps1 | sed 's/.*; //' | sort -u
