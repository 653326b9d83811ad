@echo off
rem Starts setup.ps1 beside this file as administrator and keeps the window open.
rem The execution policy is set for that one process only.
setlocal DisableDelayedExpansion
set "LABC_SCRIPT=%~dp0setup.ps1"
set "LABC_ARGS=%*"
if not exist "%LABC_SCRIPT%" goto :missing
net session >nul 2>&1
if not errorlevel 1 goto :run

rem Not elevated: ask Windows for it. The path travels in the environment, so blanks and apostrophes are safe.
set "LABC_SELF=%~f0"
powershell.exe -NoProfile -Command "$q = [char]34; $c = '/d /s /c ' + $q + $q + $env:LABC_SELF + $q + ' ' + $env:LABC_ARGS + $q; try { $p = Start-Process -FilePath $env:ComSpec -ArgumentList $c -Verb RunAs -PassThru -Wait -ErrorAction Stop; exit $p.ExitCode } catch { Write-Warning $_.Exception.Message; exit 2 }"
set "LABC_CODE=%ERRORLEVEL%"
if "%LABC_CODE%"=="2" echo Not done: see the other window, or allow the elevation and start setup.cmd again.
exit /b %LABC_CODE%

:run
cd /d "%SystemRoot%"
powershell.exe -NoProfile -ExecutionPolicy Bypass -File "%LABC_SCRIPT%" %LABC_ARGS%
set "LABC_CODE=%ERRORLEVEL%"
echo.
if "%LABC_CODE%"=="0" echo setup.cmd: finished.
if "%LABC_CODE%"=="1" echo setup.cmd: something failed; read the lines marked Failed above.
if "%LABC_CODE%"=="2" echo setup.cmd: this machine is not ready; nothing was changed.
if "%LABC_CODE%"=="3010" echo setup.cmd: restart the machine as said above, then run setup.cmd again.
pause
exit /b %LABC_CODE%

:missing
echo setup.ps1 is not beside setup.cmd. Copy the whole folder and start setup.cmd there.
pause
exit /b 2
