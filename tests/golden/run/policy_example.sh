# The example of docs/policies.md does what the page says.
doc=$GOLDEN/../../docs/policies.md
example() { awk -v want="<!-- example: $1 -->" '$0 == want { on = 1; next } on && /^```yaml$/ { out = 1; next } out && /^```$/ { exit } out' "$doc" >"$1"; }
example school.policy.yaml
example lab.yaml
{
	echo '$ labc lint --policy school.policy.yaml lab.yaml'
	"$LABC" lint --policy school.policy.yaml lab.yaml 2>&1
} >got
cat got
awk '/^<!-- output -->$/ { on = 1; next } on && /^```console$/ { out = 1; next } out && /^```$/ { exit } out' "$doc" >said
cmp -s got said && echo "docs/policies.md says the same" || echo "docs/policies.md shows something else"
