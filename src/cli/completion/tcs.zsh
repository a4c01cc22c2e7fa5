#compdef tcs
# Completion of tcs for zsh. In ~/.zshrc, after compinit:   source <(tcs completions zsh)
# or as a file of the fpath:   tcs completions zsh >"${fpath[1]}/_tcs"
_tcs() {
  local -a lines described
  local kind line value about
  lines=("${(@f)$("${~words[1]}" __complete -- "${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
  kind=$lines[1]
  for line in "${(@)lines[2,-1]}"; do
    value=${line%%$'\t'*}
    about=
    if [[ $line == *$'\t'* ]]; then about=${line#*$'\t'}; fi
    described+=("${value//:/\\:}${about:+:$about}")
  done
  # A value after its option, as --config=FILE.
  if [[ $PREFIX == -*=* ]]; then compset -P '*='; fi
  if (( ${#described} )); then _describe -t values 'tcs' described; fi
  if [[ $kind == *files ]]; then _files; fi
  if [[ $kind == folders ]]; then _files -/; fi
}
# Called by the completion system, or read by source.
if [[ ${funcstack[1]-} == _tcs ]]; then _tcs "$@"; else compdef _tcs tcs; fi
