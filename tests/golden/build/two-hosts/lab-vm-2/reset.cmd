@echo off
rem Starts the script of the same name beside this file (setup.cmd starts setup.ps1) as administrator and keeps
rem the window open. The execution policy is set for that one process only.
setlocal DisableDelayedExpansion
set "LABC_NAME=%~n0"
set "LABC_SCRIPT=%~dpn0.ps1"
set "LABC_ARGS=%*"
if not exist "%LABC_SCRIPT%" goto :missing
net session >nul 2>&1
if not errorlevel 1 goto :run

rem Not elevated: ask Windows for it. The path travels in the environment, so blanks and apostrophes are safe.
set "LABC_SELF=%~f0"
powershell.exe -NoProfile -Command "$q = [char]34; $c = '/d /s /c ' + $q + $q + $env:LABC_SELF + $q + ' ' + $env:LABC_ARGS + $q; try { $p = Start-Process -FilePath $env:ComSpec -ArgumentList $c -Verb RunAs -PassThru -Wait -ErrorAction Stop; exit $p.ExitCode } catch { Write-Warning $_.Exception.Message; exit 2 }"
set "LABC_CODE=%ERRORLEVEL%"
if "%LABC_CODE%"=="2" echo Not done: see the other window, or allow the elevation and start %LABC_NAME%.cmd again.
exit /b %LABC_CODE%

:run
cd /d "%SystemRoot%"
powershell.exe -NoProfile -ExecutionPolicy Bypass -File "%LABC_SCRIPT%" %LABC_ARGS%
set "LABC_CODE=%ERRORLEVEL%"
echo.
if "%LABC_CODE%"=="0" echo %LABC_NAME%.cmd: finished.
if "%LABC_CODE%"=="1" echo %LABC_NAME%.cmd: something failed; read the lines marked Failed above.
if "%LABC_CODE%"=="2" echo %LABC_NAME%.cmd: nothing was changed; the reason stands above.
if "%LABC_CODE%"=="4" echo %LABC_NAME%.cmd: something is not as it should be; it is named above.
if "%LABC_CODE%"=="3010" echo %LABC_NAME%.cmd: restart the machine as said above, then run %LABC_NAME%.cmd again.
pause
exit /b %LABC_CODE%

:missing
echo %LABC_NAME%.ps1 is not beside %LABC_NAME%.cmd. Copy the whole folder and start %LABC_NAME%.cmd there.
pause
exit /b 2
