using System.CommandLine;

namespace IntegrationHub.Hub.Cli;

/// <summary>Which hub a verb talks to: <c>--hub</c>, else <c>HUB_URL</c>, else this machine.</summary>
internal sealed class HubOption() : Option<string?>("--hub")
{
    private const string Variable = "HUB_URL";

    /// <summary>Where a hub of this machine answers when nothing else is said.</summary>
    public const string Default = "http://localhost:8080";

    public static HubOption Create() => new() { Description = $"Address of the hub; {Variable} or {Default} when absent.", HelpName = "URL" };

    /// <exception cref="CommandLineException">The address is not one.</exception>
    public HubClient Connect(VerbCall call) => new(call.Terminal, Find(call) ?? new Uri(Default));

    /// <summary>The address that the caller or the environment names; null when neither does.</summary>
    /// <exception cref="CommandLineException">The address is not one.</exception>
    public Uri? Find(VerbCall call)
    {
        var given = call.Get(this) ?? call.Terminal.Variable(Variable);
        return given is null ? null
            : Uri.TryCreate(given, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" ? address
            : throw new CommandLineException(ExitCode.Usage, $"'{given}' is not the address of a hub. Write it as {Default} in --hub or {Variable}.");
    }
}
