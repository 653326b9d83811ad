# The starters, and what they say.
for target in lab-services azure-vm devtest-labs hyper-v; do
	echo "\$ labc init --target $target"
	"$LABC" init --target $target -o $target.yaml
	echo "exit $?"
	cat $target.yaml
	"$LABC" lint $target.yaml
	echo "exit $?"
done
"$LABC" init --target hyper-v -o hyper-v.yaml
echo "exit $?"
# the examples there are
"$LABC" init --example a-class
echo "exit $?"
