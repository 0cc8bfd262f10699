#include "cli/completion.h"

#include <algorithm>
#include <functional>
#include <set>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/shared/output.h"
#include "cli/shared/verify_command.h"

namespace touchstone::cli {
namespace {

// A word that the shell takes as it is.
std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

void each(const CommandInfo& command, const std::function<void(const CommandInfo&)>& visit) {
  visit(command);
  for (const CommandInfo& sub : command.commands) each(sub, visit);
}

// What the scripts call the kinds of values.
std::string kind_of(const OptionInfo& option) {
  switch (option.values) {
    case Values::any:
      return "";
    case Values::file:
      return "file";
    case Values::folder:
      return "folder";
    case Values::root:
      return "root";
    case Values::listed:
      return "list";
  }
  return "";
}

// One entry of a list in bash or zsh; zsh shows what it means.
std::string entry(Shell shell, const std::string& name, const std::string& meaning) {
  if (shell == Shell::bash) return " " + quoted(name);
  std::string escaped;
  for (const char c : name) escaped += c == ':' ? std::string("\\:") : std::string(1, c);
  return " " + quoted(meaning.empty() ? escaped : escaped + ":" + meaning);
}

// A line of the case statement that says which values may stand somewhere.
std::string values_case(Shell shell, const std::string& pattern, const OptionInfo& option) {
  const std::string kind = kind_of(option);
  if (kind.empty()) return "";
  std::string line = "    " + pattern + ") ts_kind=" + kind;
  if (option.values == Values::listed) {
    line += " ts_names=(";
    for (const std::string& value : option.listed) line += entry(shell, value, "");
    line += " )";
  }
  return line + " ;;\n";
}

// bash and zsh read these two functions alike: what there is at a command, and what values an
// option or the argument of some place takes.
std::string tables(Shell shell, const std::vector<CommandInfo>& programs) {
  std::string commands;
  std::string values;
  const auto visit = [&](const CommandInfo& command) {
    commands += "    " + quoted(command.name) + ")\n      ts_commands=(";
    for (const CommandInfo& sub : command.commands) {
      commands += entry(shell, sub.last_name(), sub.summary);
    }
    commands += " )\n      ts_options=(";
    std::string valued;
    for (const OptionInfo& option : command.options) {
      std::string pattern;
      for (const std::string& name : option.names) {
        if (name.starts_with("--") || option.names.size() == 1) {
          commands += entry(shell, name, option.description);
        }
        pattern += (pattern.empty() ? "" : "|") + quoted(command.name + ":" + name);
        if (!option.is_flag()) valued += " " + name;
      }
      values += values_case(shell, pattern, option);
    }
    commands += " )\n      ts_valued=" + quoted(valued + " ") + " ;;\n";
    std::size_t place = 0;
    for (const OptionInfo& argument : command.arguments) {
      const std::string pattern = quoted(command.name + ":" + std::to_string(++place));
      values += values_case(
          shell, argument.repeated ? quoted(command.name + ":") + "[0-9]*" : pattern, argument);
    }
  };
  for (const CommandInfo& program : programs) each(program, visit);
  return "_touchstone_at() {\n  ts_commands=() ts_options=() ts_valued=\n  case $1 in\n" +
         commands +
         "    *) return 1 ;;\n  esac\n}\n"
         "_touchstone_values() {\n  ts_kind= ts_names=()\n  case $1 in\n" +
         values + "  esac\n}\n";
}

constexpr std::string_view bash_head =
    R"SH(# Completion of touchstone for bash. Written by `touchstone completion bash`; use it with
#   . <(touchstone completion bash)
)SH";

// bash splits words at '=' and ':', which therefore come as words of their own.
constexpr std::string_view bash_tail = R"SH(_touchstone() {
  local ts_commands ts_options ts_valued ts_kind ts_names
  local at=${COMP_WORDS[0]##*/} current=${COMP_WORDS[COMP_CWORD]} waiting= place=1 ended= i word
  COMPREPLY=()
  _touchstone_at "$at" || return 0
  for ((i = 1; i < COMP_CWORD; ++i)); do
    word=${COMP_WORDS[i]}
    if [[ $word == [=:] || ${COMP_WORDS[i - 1]} == : ]]; then
      continue
    elif [[ -n $waiting ]]; then
      waiting=
    elif [[ -z $ended && $word == -- ]]; then
      ended=yes
    elif [[ -z $ended && $word == -* ]]; then
      [[ $ts_valued != *" $word "* ]] || waiting=$word
    elif [[ ${#ts_commands[@]} -gt 0 ]]; then
      _touchstone_at "$at $word" || return 0
      at="$at $word"
    else
      place=$((place + 1))
    fi
  done
  [[ $current != = ]] || current=
  if [[ ${COMP_WORDS[COMP_CWORD - 1]} == : ]]; then
    [[ ${COMP_WORDS[COMP_CWORD - 2]} == oci-layout ]] || return 0
    ts_kind=folder
  elif [[ -n $waiting ]]; then
    _touchstone_values "$at:$waiting"
  elif [[ -z $ended && $current == -* ]]; then
    ts_kind=list ts_names=("${ts_options[@]}")
  elif [[ ${#ts_commands[@]} -gt 0 ]]; then
    ts_kind=list ts_names=("${ts_commands[@]}")
  else
    _touchstone_values "$at:$place"
  fi
  case $ts_kind in
    list) mapfile -t COMPREPLY < <(compgen -W "${ts_names[*]}" -- "$current") ;;
    root) mapfile -t COMPREPLY < <(compgen -W "$(touchstone trust list 2>/dev/null)" -- "$current") ;;
    file) mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
    folder) mapfile -t COMPREPLY < <(compgen -d -- "$current") ;;
  esac
  [[ $ts_kind != file && $ts_kind != folder ]] || compopt -o filenames 2>/dev/null
  return 0
}
complete -F _touchstone)SH";

constexpr std::string_view zsh_tail = R"SH(_touchstone() {
  emulate -L zsh
  local -a ts_commands ts_options ts_names
  local ts_valued ts_kind at=${words[1]:t} current=${words[CURRENT]} waiting= ended= word
  local -i place=1 i
  _touchstone_at "$at" || return 1
  for ((i = 2; i < CURRENT; ++i)); do
    word=${words[i]}
    if [[ -n $waiting ]]; then
      waiting=
    elif [[ -z $ended && $word == -- ]]; then
      ended=yes
    elif [[ -z $ended && $word == -* ]]; then
      [[ $ts_valued != *" $word "* ]] || waiting=$word
    elif (( ${#ts_commands} )); then
      _touchstone_at "$at $word" || return 1
      at="$at $word"
    else
      place+=1
    fi
  done
  if [[ -z $waiting$ended && $current == --*=* ]]; then
    waiting=${current%%=*}
    compset -P '*='
  fi
  if [[ -n $waiting ]]; then
    _touchstone_values "$at:$waiting"
  elif [[ -z $ended && $current == -* ]]; then
    ts_kind=list ts_names=("${ts_options[@]}")
  elif (( ${#ts_commands} )); then
    ts_kind=list ts_names=("${ts_commands[@]}")
  elif [[ $current == oci-layout:* ]]; then
    compset -P 'oci-layout:'
    ts_kind=folder
  else
    _touchstone_values "$at:$place"
  fi
  case $ts_kind in
    list) _describe -t values value ts_names ;;
    root) ts_names=(${(f)"$(touchstone trust list 2>/dev/null)"}); _describe -t roots root ts_names ;;
    file) _files ;;
    folder) _files -/ ;;
  esac
}
if [[ ${funcstack[1]} == _touchstone ]]; then
  _touchstone "$@"
else
  compdef _touchstone)SH";

std::string names_of(const std::vector<CommandInfo>& programs) {
  std::string names;
  for (const CommandInfo& program : programs) names += " " + program.name;
  return names;
}

// fish asks, for each line, whether its condition holds: that we are at that command.
constexpr std::string_view fish_head =
    R"SH(# Completion of touchstone for fish. Written by `touchstone completion fish`; use it with
#   touchstone completion fish | source
function __touchstone_at
    set -l words (commandline -opc)
    set -l at (basename -- $words[1])
    set -l skip no
    for word in $words[2..]
        if test $skip = yes
            set skip no
        else if string match -q -- '-*' $word
            contains -- "$at $word" $__touchstone_valued; and set skip yes
        else if contains -- "$at $word" $__touchstone_commands
            set at "$at $word"
        else if contains -- $at $__touchstone_groups
            return 1
        end
    end
    test "$at" = "$argv"
end
)SH";

std::string fish_values(const OptionInfo& option) {
  switch (option.values) {
    case Values::any:
      return " -x";
    case Values::file:
      return " -r -F";
    case Values::folder:
      return " -x -a '(__fish_complete_directories (commandline -ct))'";
    case Values::root:
      return " -x -a '(touchstone trust list 2>/dev/null)'";
    case Values::listed: {
      return " -x -a " + quoted(join(option.listed, " "));
    }
  }
  return "";
}

// In fish's single quotes a backslash is special as well.
std::string fish_quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

std::string fish_lines(const std::string& program, const CommandInfo& command) {
  const std::string begin =
      "complete -c " + program + " -n " + fish_quoted("__touchstone_at " + command.name);
  std::string lines;
  for (const CommandInfo& sub : command.commands) {
    lines += begin + " -f -a " + sub.last_name() + " -d " + fish_quoted(sub.summary) + "\n";
  }
  for (const OptionInfo& option : command.options) {
    std::string line = begin;
    for (const std::string& name : option.names) {
      line += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
    }
    if (!option.is_flag()) line += fish_values(option);
    lines += line + " -d " + fish_quoted(option.description) + "\n";
  }
  bool takes_files = false;
  for (const OptionInfo& argument : command.arguments) {
    takes_files = takes_files || argument.values == Values::file;
    if (argument.values == Values::root || argument.values == Values::listed) {
      lines += begin + " -f" + fish_values(argument).substr(3) + "\n";
    }
  }
  if (!takes_files) lines += begin + " -f\n";
  return lines;
}

std::string fish_script(const std::vector<CommandInfo>& programs) {
  std::string valued = "set -g __touchstone_valued";
  std::string commands = "set -g __touchstone_commands";
  std::string groups = "set -g __touchstone_groups";
  std::string lines;
  for (const CommandInfo& program : programs) {
    each(program, [&](const CommandInfo& command) {
      commands += " " + fish_quoted(command.name);
      if (!command.commands.empty()) groups += " " + fish_quoted(command.name);
      for (const OptionInfo& option : command.options) {
        for (const std::string& name : option.names) {
          if (!option.is_flag()) valued += " " + fish_quoted(command.name + " " + name);
        }
      }
      lines += fish_lines(program.name, command);
    });
  }
  return std::string(fish_head) + valued + "\n" + commands + "\n" + groups + "\n" + lines;
}

}  // namespace

std::string completion_script(Shell shell, const std::vector<CommandInfo>& programs) {
  const std::string names = names_of(programs);
  switch (shell) {
    case Shell::bash:
      return std::string(bash_head) + tables(shell, programs) + std::string(bash_tail) + names +
             "\n";
    case Shell::zsh:
      return "#compdef" + names + "\n# Written by `touchstone completion zsh`.\n" +
             tables(shell, programs) + std::string(zsh_tail) + names + "\nfi\n";
    case Shell::fish:
      return fish_script(programs);
  }
  return "";
}

std::vector<CommandInfo> all_programs() {
  CLI::App full("", "touchstone");
  declare_commands(full);
  CLI::App verifier("", "touchstone-verify");
  declare_verifier(verifier);
  return {describe_command(full, full.get_name()), describe_command(verifier, verifier.get_name())};
}

void declare_completion(CLI::App& command) {
  const auto wanted = std::make_shared<std::string>();
  command.description(
      "Print the completion script for a shell. It serves touchstone-verify as well.\n\n"
      "Exit status: 0 done, 2 wrong usage.\n\n"
      "Examples:\n"
      "  . <(touchstone completion bash)\n"
      "  touchstone completion zsh > \"${fpath[1]}/_touchstone\"\n"
      "  touchstone completion fish | source");
  offer(*command.add_option("SHELL", *wanted, "bash, zsh or fish")->required()->type_name(""),
        {"bash", "zsh", "fish"});
  set_action(command, [wanted] {
    const std::vector<std::pair<std::string, Shell>> shells = {
        {"bash", Shell::bash}, {"zsh", Shell::zsh}, {"fish", Shell::fish}};
    const auto shell = std::ranges::find(shells, *wanted, &std::pair<std::string, Shell>::first);
    if (shell == shells.end()) {
      return complain(Error{Code::usage_arguments,
                            "there is no completion for \"" + printable(*wanted) + "\"",
                            "bash, zsh or fish"});
    }
    const auto printed = print(completion_script(shell->second, all_programs()));
    return printed ? exit_accepted : complain(printed.error());
  });
}

}  // namespace touchstone::cli
