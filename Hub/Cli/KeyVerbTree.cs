using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using IntegrationHub.Hub.Security;

namespace IntegrationHub.Hub.Cli;

/// <summary><c>keys …</c>: who may call the hub, and for what.</summary>
internal static class KeyVerbTree
{
    private static readonly string[] _columns = ["Key", "Whose", "State", "Scopes", "Last used", "Note"];
    private static readonly string[] _principalColumns = ["Principal", "Roles", "State"];

    public static Verb Build(Terminal terminal) => new("keys", "Give people and programs keys, and take them back.", "keys list")
    {
        Create(terminal),
        List(terminal),
        Revoke(terminal),
        Disable(terminal),
        Enable(terminal),
        Principals(terminal),
        WhoAmI(terminal),
    };

    private static Verb Create(Terminal terminal)
    {
        var hub = HubOption.Create();
        var principal = new Argument<string>("PRINCIPAL") { Description = "Whose: person:NAME or service:NAME. Two keys of one person are one person." };
        var roles = new Option<string[]>("--role") { Description = $"What they may do from now on, with all their keys: {string.Join(", ", Role.All)}. May be given several times.", HelpName = "ROLE" };
        var scopes = new Option<string[]>("--scope") { Description = "What this key may be used for: a part of what the roles allow; for programs without a role all that it may. May be given several times.", HelpName = "SCOPE" };
        var days = new Option<int?>("--expires-in") { Description = "After so many days it ends by itself.", HelpName = "DAYS" };
        var note = new Option<string?>("--note") { Description = "What it is for.", HelpName = "TEXT" };
        return new Verb(
            "create", "Make a key. It is shown once; the hub keeps its hash.", "keys create person:anna --role operator --role approver", "keys create service:webshop --scope facts:write --expires-in 365 --note 'orders'")
        { Arguments = { principal }, Options = { roles, scopes, days, note, hub } }
        .Does(
            async (call, cancellationToken) =>
            {
                using var client = hub.Connect(call);
                var asked = new CreateKeyJson
                {
                    Principal = call.Get(principal),
                    Roles = call.Get(roles) is { Length: > 0 } named ? named : null,
                    Scopes = call.Get(scopes) is { Length: > 0 } some ? some : null,
                    ExpiresAt = call.Get(days) is { } many ? call.Terminal.Time.GetUtcNow().AddDays(many) : null,
                    Note = call.Get(note),
                };
                var answer = await client.PostAsync("/v1/keys", asked, cancellationToken);
                if (call.Json)
                {
                    call.Write(answer);
                    return ExitCode.Done;
                }

                var key = Key(answer);
                call.Terminal.Out.WriteLine($"Key {key.KeyId} of {key.Principal}{(key.ExpiresAt is { } end ? $", until {Time(end)}" : "")}. It is shown once; callers send it as 'Authorization: Bearer …', the command line reads it from HUB_API_KEY:");
                call.Terminal.Out.WriteLine(key.Key);
                call.Terminal.Out.WriteLine($"It may: {string.Join(", ", key.Scopes)}");
                return ExitCode.Done;
            },
            terminal);
    }

    private static Verb List(Terminal terminal)
    {
        var hub = HubOption.Create();
        return new Verb("list", "List the keys with what they may do and when they were used.", "keys list", "keys list --json")
        { Options = { hub } }
        .Lists(
            hub, PageOptions.Create(), _ => "/v1/keys", _ => [],
            (call, list) => call.WriteTable(_columns, list.Of<KeyJson>().Select(key => (string[])
            [
                key.KeyId, key.Roles.Count == 0 ? key.Principal : $"{key.Principal} ({string.Join(", ", key.Roles)})", key.State == "active" && key.ExpiresAt is { } end ? $"until {Time(end)}" : key.State,
                string.Join(' ', key.Scopes), key.LastUsedAt is { } used ? Time(used) : "never", key.Note ?? "",
            ])),
            terminal);
    }

    private static Verb Revoke(Terminal terminal)
    {
        var hub = HubOption.Create();
        var id = new Argument<string>("KEY") { Description = "Id of the key, as 'keys list' shows it; not the key itself." };
        var reason = ReasonOption.Create();
        return new Verb("revoke", "End a key. Seconds later it opens nothing, at no hub.", "keys revoke 4fGh2kLmN8pQ --reason 'left the company'")
        { Arguments = { id }, Options = { reason, hub } }
        .Asks(
            hub, (call, client, stop) => client.PostAsync($"/v1/keys/{Uri.EscapeDataString(call.Get(id))}/revoke", new { reason = call.Get(reason) }, stop),
            (call, answer) =>
            {
                var key = Key(answer);
                call.Terminal.Out.WriteLine($"Key {key.KeyId} of {key.Principal} was revoked by {key.RevokedBy}, {Time(key.RevokedAt!.Value)}.");
            },
            terminal);
    }

    private static Verb Disable(Terminal terminal) => Word(
        terminal, "disable", "Let somebody in no more: not by key, not by the identity provider, not by a session. Seconds later no hub does.",
        principal => $"{principal} may do nothing any more. What was asked for or agreed to before goes on.", "keys disable person:anna --reason 'left the company'");

    private static Verb Enable(Terminal terminal) => Word(
        terminal, "enable", "Let somebody in again who was disabled.", principal => $"{principal} may do again what keys, roles and the identity provider say.", "keys enable person:anna --reason 'is back'");

    private static Verb Word(Terminal terminal, string name, string text, Func<string, string> done, string example)
    {
        var hub = HubOption.Create();
        var principal = new Argument<string>("PRINCIPAL") { Description = "Who: person:NAME or service:NAME, letter by letter as 'audit list' shows it." };
        var reason = ReasonOption.Create();
        return new Verb(name, text, example)
        { Arguments = { principal }, Options = { reason, hub } }
        .Asks(
            hub, (call, client, stop) => client.PostAsync($"/v1/principals/{name}", new WhomJson { Principal = call.Get(principal), Reason = call.Get(reason) }, stop),
            (call, answer) => call.Terminal.Out.WriteLine(done(answer.Deserialize<PrincipalJson>()!.Principal)),
            terminal);
    }

    private static Verb Principals(Terminal terminal)
    {
        var hub = HubOption.Create();
        var disabled = new Option<bool>("--disabled") { Description = "Only who was disabled." };
        return new Verb("principals", "List who has, or had, a key, and who was disabled.", "keys principals", "keys principals --disabled --json")
        { Options = { disabled, hub } }
        .Lists(
            hub, PageOptions.Create(), _ => "/v1/principals", call => call.Get(disabled) ? [("disabled", "true")] : [],
            (call, list) => call.WriteTable(_principalColumns, list.Of<PrincipalJson>().Select(principal => (string[])
            [
                principal.Principal, string.Join(", ", principal.Roles), principal.DisabledAt is { } at ? $"disabled {Time(at)}" : "",
            ])),
            terminal);
    }

    private static Verb WhoAmI(Terminal terminal)
    {
        var hub = HubOption.Create();
        return new Verb("whoami", "Show who the hub takes you for, and what you may do.", "keys whoami")
        { Options = { hub } }
        .Asks(
            hub, (call, client, stop) => client.GetAsync("/v1/caller", stop),
            (call, answer) =>
            {
                var caller = answer.Deserialize<CallerJson>()!;
                call.Terminal.Out.WriteLine($"{caller.Principal} may: {string.Join(", ", caller.Scopes)}");
            },
            terminal);
    }

    private static KeyJson Key(JsonElement element) => element.Deserialize<KeyJson>()!;

    private static string Time(DateTimeOffset at) => at.ToUniversalTime().ToString("u", CultureInfo.InvariantCulture);
}
