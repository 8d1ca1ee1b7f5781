using System.CommandLine;
using System.Text.Json;
using IntegrationHub.Hub.Privacy;
using IntegrationHub.Identity;
using Spectre.Console;

namespace IntegrationHub.Hub.Cli;

/// <summary><c>policy …</c>: what the rules of consent say.</summary>
internal static class PolicyVerbTree
{
    public static Verb Build(Terminal terminal) => new("policy", "Ask what the rules of consent say of a person.", "policy check c-17 --purpose email_marketing")
    {
        Check(terminal),
    };

    /// <summary>How a key is written in arguments.</summary>
    public const string KeyDescription = "Your id of the person, or the address; or any key with its kind, such as phone:+4930123456, crm_id:… or email:…";

    /// <summary>Whom a key names: with its kind before it, or an address, which holds an at sign, or an id, which does not.</summary>
    /// <exception cref="CommandLineException">An account, which is no key of one person.</exception>
    public static SubjectJson SubjectOf(string key) => PersonKey.Parse(key) switch
    {
        { Kind: KeyKind.ExternalId, Value: var id } => new SubjectJson(ExternalId: id),
        { Kind: KeyKind.Email } => new SubjectJson(Email: key[(key.IndexOf(':', StringComparison.Ordinal) + 1)..]),
        { Kind: KeyKind.CrmId, Value: var id } => new SubjectJson { CrmId = id },
        { Kind: KeyKind.Phone, Value: var number } => new SubjectJson { Phone = number },
        { Kind: KeyKind.AnonymousId, Value: var id } => new SubjectJson { AnonymousId = id },
        { Kind: KeyKind.DeviceId, Value: var id } => new SubjectJson { DeviceId = id },
        { Kind: var other } => throw new CommandLineException(ExitCode.Usage, $"Consent is a person's, and {PersonKey.WordOf(other)} names several. Name one person, by your id or by the address."),
        null => key.Contains('@', StringComparison.Ordinal) ? new SubjectJson(Email: key) : new SubjectJson(ExternalId: key),
    };

    private static Verb Check(Terminal terminal)
    {
        var hub = HubOption.Create();
        var key = new Argument<string>("KEY") { Description = KeyDescription };
        var purpose = new Option<string?>("--purpose") { Description = "What for; one of consent.yaml." };
        var destination = new Option<string?>("--destination") { Description = "To which destination: all of its purposes must allow." };
        var channel = new Option<string?>("--channel") { Description = "Through which channel, when the purpose names one." };
        return new Verb(
            "check",
            "May the person be sent something now? Answers as deliveries are decided. Exit code 1 when not.",
            "policy check c-17 --purpose email_marketing",
            "policy check kai@example.com --destination braze --json")
        { Arguments = { key }, Options = { purpose, destination, channel, hub } }
        .Does(
            async (call, cancellationToken) =>
            {
                using var client = hub.Connect(call);
                var question = new PolicyQuestionJson(call.Get(purpose), call.Get(channel), call.Get(destination), SubjectOf(call.Get(key)));
                var answer = await client.PostAsync("/v1/policy/check", question, cancellationToken);
                var said = answer.Deserialize<PolicyAnswerJson>()!;
                if (call.Json)
                {
                    call.Write(answer);
                }
                else
                {
                    Show(call.Terminal.Screen(json: false), said);
                }

                return said.Allowed ? ExitCode.Done : ExitCode.Issues;
            },
            terminal);
    }

    private static void Show(IAnsiConsole screen, PolicyAnswerJson answer)
    {
        var ground = answer.Basis is null ? "" : $", on the ground of {answer.Basis}";
        screen.WriteLine($"{(answer.Allowed ? "Allowed" : "Not allowed")}: {answer.Purpose} by {answer.Rule ?? "no rule"}{ground}{(answer.Code is null ? "" : $" ({answer.Code})")}");
        screen.WriteLine(answer.Inputs.Known ? "The person is known." : "Nobody is known by this key.");
        foreach (var decision in answer.Inputs.Decisions)
        {
            screen.WriteLine(FormattableString.Invariant($"  {decision.Purpose}: {decision.Status} at {decision.DecidedAt:u} ({decision.Source}){(decision.ExpiresAt is { } end ? FormattableString.Invariant($", until {end:u}") : "")}"));
        }

        screen.WriteLine(FormattableString.Invariant($"Decided by consent.yaml {answer.ConfigVersion}, from the ledger up to position {answer.Position}{(answer.ValidUntil is { } until ? FormattableString.Invariant($"; holds until {until:u}") : "")}."));
    }
}
