using System.CommandLine;
using System.CommandLine.Completions;
using System.Globalization;
using System.Text;

namespace IntegrationHub.Hub.Cli;

/// <summary><c>completion</c>: what a shell has to know to complete verbs, options and their words, read out of the command line itself. No process is started for it at each key.</summary>
internal static class CompletionVerb
{
    private const string Bash = "bash";
    private const string Zsh = "zsh";
    private const string Pwsh = "pwsh";

    public static Verb Build(Terminal terminal)
    {
        var shell = new Argument<string>("SHELL") { Description = "bash, zsh or pwsh." };
        shell.AcceptOnlyFromAmong(Bash, Zsh, Pwsh);
        var name = new Option<string>("--as") { Description = "The word by which you call the program.", HelpName = "NAME", DefaultValueFactory = _ => "hub" };
        name.Validators.Add(given =>
        {
            if (given.GetValueOrDefault<string>() is { } word && !word.All(sign => char.IsAsciiLetterOrDigit(sign) || sign is '-' or '_' or '.'))
            {
                given.AddError($"'{word}' is no name of a program: letters, digits, '-', '_' and '.' alone.");
            }
        });
        return new Verb("completion", "Print what a shell needs to complete verbs and options.", "completion bash", "completion zsh --as hub", "completion pwsh") { Arguments = { shell }, Options = { name } }
        .Does(
            (call, _) =>
            {
                var root = (Command)call.Root;
                call.Terminal.Out.Write(call.Get(shell) == Pwsh ? ForPwsh(root, call.Get(name)!) : ForBash(root, call.Get(name)!, call.Get(shell) == Zsh));
                return Task.FromResult(ExitCode.Done);
            },
            terminal,
            offersJson: false);
    }

    /// <summary>zsh reads the functions of bash.</summary>
    private static string ForBash(Command root, string name, bool isZsh)
    {
        var function = $"_{name.Replace('-', '_').Replace('.', '_')}_words";
        var (paths, words) = (new List<string>(), new StringBuilder());
        foreach (var (path, command) in Walk("", root))
        {
            paths.Add(path);
            words.Append(CultureInfo.InvariantCulture, $"    '{path}') words='{string.Join(' ', WordsOf(command))}' ;;\n");
        }

        var values = new StringBuilder();
        foreach (var (path, option, choices) in Choices(root))
        {
            values.Append(CultureInfo.InvariantCulture, $"    '{path} {option}') words='{string.Join(' ', choices)}' ;;\n");
        }

        return $$"""
            {{(isZsh ? "autoload -U +X bashcompinit && bashcompinit\n" : "")}}{{function}}() {
              local cur="${COMP_WORDS[COMP_CWORD]}" prev="" verb="" words="" at
              [ "$COMP_CWORD" -gt 0 ] && prev="${COMP_WORDS[COMP_CWORD-1]}"
              for ((at = 1; at < COMP_CWORD; at++)); do
                case "$verb/${COMP_WORDS[at]}" in
                  {{string.Join('|', paths.Where(path => path.Length > 0).Select(path => $"'{path}'"))}}) verb="$verb/${COMP_WORDS[at]}" ;;
                esac
              done
              case "$verb" in
            {{words}}  esac
              case "$verb $prev" in
            {{values}}  esac
              COMPREPLY=($(compgen -W "$words" -- "$cur"))
            }
            complete -o default -F {{function}} {{name}}

            """;
    }

    private static string ForPwsh(Command root, string name)
    {
        var table = new StringBuilder();
        foreach (var (path, command) in Walk("", root))
        {
            table.Append(CultureInfo.InvariantCulture, $"    '{path}' = '{string.Join(' ', WordsOf(command))}'\n");
        }

        foreach (var (path, option, choices) in Choices(root))
        {
            table.Append(CultureInfo.InvariantCulture, $"    '{path} {option}' = '{string.Join(' ', choices)}'\n");
        }

        return $$"""
            Register-ArgumentCompleter -Native -CommandName '{{name}}' -ScriptBlock {
              param($cur, $line, $position)
              $known = @{
            {{table}}  }
              $given = @($line.CommandElements | Select-Object -Skip 1 | Where-Object { $_.Extent.EndOffset -lt $position } | ForEach-Object { "$_" })
              $verb = ''
              foreach ($word in $given) { if ($known.ContainsKey("$verb/$word")) { $verb = "$verb/$word" } }
              $words = $known[$verb]
              if ($given.Count -gt 0 -and $known.ContainsKey("$verb $($given[-1])")) { $words = $known["$verb $($given[-1])"] }
              -split $words | Where-Object { $_ -like "$cur*" } | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
            }

            """;
    }

    private static IEnumerable<(string Path, Command Command)> Walk(string path, Command command) =>
        command.Subcommands.Where(verb => !verb.Hidden).SelectMany(verb => Walk($"{path}/{verb.Name}", verb)).Prepend((path, command));

    private static IEnumerable<string> WordsOf(Command command) =>
    [
        .. command.Subcommands.Where(verb => !verb.Hidden).Select(verb => verb.Name),
        .. command.Arguments.SelectMany(argument => Texts(argument.GetCompletions(CompletionContext.Empty))),
        .. command.Options.Where(option => !option.Hidden).Select(option => option.Name),
        .. command.Options.Any(option => option.Name == "--help") ? Array.Empty<string>() : ["--help"],
    ];

    private static IEnumerable<(string Path, string Option, IReadOnlyList<string> Choices)> Choices(Command root) =>
        from found in Walk("", root)
        from option in found.Command.Options
        where option.ValueType != typeof(bool)
        let choices = Texts(option.GetCompletions(CompletionContext.Empty)).ToList()
        where choices.Count > 0
        select (found.Path, option.Name, (IReadOnlyList<string>)choices);

    /// <summary>Words that every shell takes as they are.</summary>
    private static IEnumerable<string> Texts(IEnumerable<CompletionItem> items) =>
        items.Select(item => item.InsertText ?? item.Label).Where(text => text.Length > 0 && text.All(sign => char.IsAsciiLetterOrDigit(sign) || sign is '-' or '_' or '.'));
}
