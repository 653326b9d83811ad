"""The template and data of ct.c with Jinja2: "COMPILE_US RENDER_US", each the best of several."""
import hashlib
import time

import jinja2

TEMPLATE = r"""{% for vm in vms %}
New-VM -Name '{{ vm.name }}' -MemoryStartupBytes {{ vm.ram }}MB -SwitchName '{{ sw }}'
{% if vm.on %}
Start-VM -Name '{{ vm.name }}'
{% else %}
# {{ vm.name }} stays off
{% endif %}
{% for d in vm.disks %}
New-VHD -Path 'D:\{{ vm.name }}-{{ d.id }}.vhdx' -SizeBytes {{ d.gb }}GB
{% endfor %}
{% endfor %}
"""
SUM = "17af94c790c6084f7d122df5e47b9ae9e202e24542e78eb2fdabead38797e130"
DATA = {"sw": "LabNAT",
        "vms": [{"name": f"vm{i:03}", "ram": 1024 * (i % 8 + 1), "on": i % 3 != 0,
                 "disks": [{"id": k, "gb": 20 + k} for k in range(i % 4)]} for i in range(1000)]}


def best(rounds, what):
    times = []
    for _ in range(rounds):
        t = time.process_time()
        what()
        times.append(time.process_time() - t)
    return min(times) * 1e6


env = jinja2.Environment(trim_blocks=True, lstrip_blocks=True, cache_size=0)
template = env.from_string(TEMPLATE)
assert hashlib.sha256(template.render(DATA).encode()).hexdigest() == SUM
print(f"{best(20, lambda: env.from_string(TEMPLATE)):.1f} {best(30, lambda: template.render(DATA)):.1f}")
