# Limits whose inputs are too large to keep: the file, one text, the copies an alias makes.
head='labc: 1\nname: demo\ntarget: lab-services\n'
printf "$head" >text.yaml
printf 'title: "' >>text.yaml
head -c 1048600 /dev/zero | tr '\0' a >>text.yaml
printf '"\n' >>text.yaml
"$LABC" lint --format concise text.yaml
echo "exit $?"
head -c 67200000 /dev/zero | tr '\0' '#' >file.yaml
"$LABC" lint file.yaml
echo "exit $?"
{
	printf "$head"
	printf 'a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n'
	for i in 1 2 3 4 5 6 7; do
		p=$((i - 1))
		printf 'a%d: &a%d [*a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d]\n' $i $i $p $p $p $p $p $p $p $p $p $p
	done
} >bomb.yaml
"$LABC" lint --format concise bomb.yaml
echo "exit $?"
