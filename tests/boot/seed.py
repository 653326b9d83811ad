"""seed.py SETUP.ps1 HASH DIR: writes the seed of the script's one guest as setup.ps1 would."""
import importlib.util
import sys
from pathlib import Path

source = Path(__file__).parents[1] / "seeds" / "check.py"
spec = importlib.util.spec_from_file_location("check", source)
check = importlib.util.module_from_spec(spec)
sys.argv, (_, script, crypt, folder) = ["check"], sys.argv
spec.loader.exec_module(check)
check.OPEN["HASH"] = crypt
(files,) = check.seeds_of(Path(script).read_text(encoding="ascii")).values()
Path(folder).mkdir(parents=True)
for path, text in files.items():
    (Path(folder) / path).write_bytes(text.encode())
