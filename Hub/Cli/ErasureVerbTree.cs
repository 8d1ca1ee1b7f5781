using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using IntegrationHub.Hub.Erasure;
using IntegrationHub.Hub.Identities;
using IntegrationHub.Identity;
using IntegrationHub.Sagas.Erasure.Messages;

namespace IntegrationHub.Hub.Cli;

/// <summary><c>erase …</c> and <c>export</c>: the rights of people over what is known of them.</summary>
internal static class ErasureVerbTree
{
    public static Verb Build(Terminal terminal)
    {
        var hub = HubOption.Create();
        var key = Key();
        key.Arity = ArgumentArity.ZeroOrOne;
        var law = new Option<string?>("--law") { Description = "The law that it is asked under: gdpr (one month) or ccpa (45 days).", HelpName = "LAW" };
        var reason = new Option<string?>("--reason") { Description = "Why; stays with the erasure, so without personal data.", HelpName = "TEXT" };
        return new Verb(
            "erase", "Erase a person everywhere: nothing about them leaves from then on, every destination deletes them and is read back, and the hub forgets them. Cannot be undone.",
            "erase kim@example.org --law gdpr --reason 'asked by letter, ticket 4711'", "erase c-17 --law ccpa --reason 'ticket 4712'")
        {
            Arguments = { key },
            Options = { law, reason, hub },
            Subcommands = { List(terminal), Show(terminal), Certificate(terminal), Retry(terminal), Return(terminal) },
        }
        .Does(
            async (call, cancellationToken) =>
            {
                if (call.Find(key) is not { } person)
                {
                    throw new CommandLineException(ExitCode.Usage, "Say whom: 'erase kim@example.org --law gdpr --reason TEXT'. 'erase --help' lists what else there is.");
                }

                using var client = hub.Connect(call);
                var answer = await client.PostAsync("/v1/erasures", new ErasureRequestJson(person, call.Get(law), call.Get(reason)), cancellationToken);
                if (call.Json)
                {
                    call.Write(answer);
                    return ExitCode.Done;
                }

                var request = answer.Deserialize<ErasureJson>()!;
                call.Terminal.Out.WriteLine($"Erasure {request.RequestId} is requested; its deadline is {Time(request.Deadline)}.");
                if (request.SharedKeys > 0)
                {
                    call.Terminal.Out.WriteLine(FormattableString.Invariant(
                        $"{request.SharedKeys} of the keys stated with the person are claimed by others too, or blocked ('identity show' lists them): those are left to the others. Where one is the erased person's alone, decide that first: 'identity assign KEY --to ID --reason TEXT'."));
                }

                if (request.UndecidedKeys > 0)
                {
                    call.Terminal.Out.WriteLine(FormattableString.Invariant(
                        $"Whoever has one of the {request.UndecidedKeys} claimed ones may be the erased person, and is sent nothing from the erasure on ('consent show' says {Suppression.ErasureUndecided}), until 'identity assign' says whose it is or 'identity block' that it is nobody's."));
                }

                if (request.Earlier is { } earlier)
                {
                    call.Terminal.Out.WriteLine($"The person was erased before ({string.Join(", ", earlier)}). Every destination is asked once more, by the keys that are still kept; the certificate names the earlier erasure, which holds what was found then.");
                }

                call.Terminal.Out.WriteLine(request.ApprovalId is { } approval ? $"Somebody has to agree first: approval {approval}. Nothing was done yet." : $"Follow it with: erase show {request.RequestId}");
                return ExitCode.Done;
            },
            terminal);
    }

    public static Verb Export(Terminal terminal)
    {
        var hub = HubOption.Create();
        var key = Key();
        var reason = ReasonOption.Create();
        var file = new Option<string?>("--out") { Description = "Write to this file instead of standard output.", HelpName = "FILE" };
        return new Verb("export", "Export everything that the hub has of one person, as JSON. Personal data.", "export kim@example.org --reason \"request 4711\" --out kim.json", "export c-17 --reason \"request 4711\"")
        { Arguments = { key }, Options = { file, reason, hub } }
        .Does(
            async (call, cancellationToken) =>
            {
                using var client = hub.Connect(call);
                var answer = await client.PostAsync("/v1/people/export", new PersonQuestionJson(call.Get(key), Reason: reason.Read(call)), cancellationToken);
                var text = JsonSerializer.Serialize(answer, Verb.Indented);
                if (call.Get(file) is not { } path)
                {
                    call.Terminal.Out.WriteLine(text);
                    return ExitCode.Done;
                }

                await File.WriteAllTextAsync(path, text, cancellationToken);
                return ExitCode.Done;
            },
            terminal, offersJson: false);
    }

    private static Verb List(Terminal terminal)
    {
        var hub = HubOption.Create();
        return new Verb("list", "List erasures, the newest first, with their deadlines.", "erase list", "erase list --json")
        { Options = { hub } }
        .Lists(
            hub, PageOptions.Create(), _ => "/v1/erasures", _ => [],
            (call, list) =>
            {
                foreach (var erasure in list.Of<ErasureJson>())
                {
                    Write(call, erasure);
                }
            },
            terminal);
    }

    private static Verb Show(Terminal terminal)
    {
        var hub = HubOption.Create();
        var id = Id();
        return new Verb("show", "Show how far an erasure is, and what each destination did.", "erase show 0190a5d2-7c11-7abc-8def-000000000001")
        { Arguments = { id }, Options = { hub } }
        .Does(
            async (call, cancellationToken) =>
            {
                using var client = hub.Connect(call);
                var answer = await client.GetAsync($"/v1/erasures/{call.Get(id)}", cancellationToken);
                if (call.Json)
                {
                    call.Write(answer);
                    return ExitCode.Done;
                }

                var erasure = answer.Deserialize<ErasureJson>()!;
                Write(call, erasure);
                foreach (var destination in erasure.Destinations)
                {
                    call.Terminal.Out.WriteLine(FormattableString.Invariant(
                        $"  {destination.Name}: {destination.Action}{(destination.Reason is { } why ? $" ({why})" : "")}, {destination.Found} found{(destination.ReadBack is { } read ? FormattableString.Invariant($", {read.Result} {read.At:u}") : "")}{string.Concat(destination.Rechecks.Select(look => $"; {(look.Round == RecheckDestinations.AskedFor ? "asked again" : FormattableString.Invariant($"look {look.Round}"))}: {look.Result}"))}"));
                }

                return ExitCode.Done;
            },
            terminal);
    }

    private static Verb Certificate(Terminal terminal)
    {
        var hub = HubOption.Create();
        var id = Id();
        return new Verb("certificate", "Print the signed certificate of an erasure. It names the person by a keyed hash alone.", "erase certificate 0190a5d2-7c11-7abc-8def-000000000001")
        { Arguments = { id }, Options = { hub } }
        .Does(
            async (call, cancellationToken) =>
            {
                using var client = hub.Connect(call);
                var answer = await client.PostAsync($"/v1/erasures/{call.Get(id)}/certificate", new CertificateQuestionJson(), cancellationToken);
                call.Terminal.Out.WriteLine(answer.GetRawText()); // to the letter: the signature is over it
                return ExitCode.Done;
            },
            terminal, offersJson: false);
    }

    private static Verb Retry(Terminal terminal)
    {
        var hub = HubOption.Create();
        var id = Id();
        var reason = new Option<string>("--reason") { Description = "What was mended; stays in the audit log.", HelpName = "TEXT", Required = true };
        return new Verb(
            "retry", "Ask the destinations that refused to delete the person, or are not done, once more and at once, instead of with the next look after 7 or 30 days.",
            "erase retry 0190a5d2-7c11-7abc-8def-000000000001 --reason 'the token may delete contacts now'")
        { Arguments = { id }, Options = { reason, hub } }
        .Does(
            async (call, cancellationToken) =>
            {
                using var client = hub.Connect(call);
                var answer = await client.PostAsync($"/v1/erasures/{call.Get(id)}/retry", new ErasureRetryJson(call.Get(reason)), cancellationToken);
                if (call.Json)
                {
                    call.Write(answer);
                    return ExitCode.Done;
                }

                call.Terminal.Out.WriteLine($"Asked. What came of it: erase show {call.Get(id)}");
                return ExitCode.Done;
            },
            terminal);
    }

    private static Verb Return(Terminal terminal)
    {
        var hub = HubOption.Create();
        var id = Id();
        var reason = new Option<string>("--reason") { Description = "Why; stays in the audit log.", HelpName = "TEXT", Required = true };
        return new Verb("return", "Let a person who was erased come back: their next grant through a source that may grant ends the tombstones.", "erase return 0190a5d2-7c11-7abc-8def-000000000001 --reason 'registered again'")
        { Arguments = { id }, Options = { reason, hub } }
        .Does(
            async (call, cancellationToken) =>
            {
                using var client = hub.Connect(call);
                var answer = await client.PostAsync($"/v1/erasures/{call.Get(id)}/return", new ErasureReturnJson(call.Get(reason)), cancellationToken);
                if (call.Json)
                {
                    call.Write(answer);
                    return ExitCode.Done;
                }

                call.Terminal.Out.WriteLine(answer.Deserialize<ErasureReturnedJson>()!.ApprovalId is { } approval
                    ? $"Somebody has to agree first: approval {approval}."
                    : "The person may come back: with their next grant they are taken in again.");
                return ExitCode.Done;
            },
            terminal);
    }

    private static void Write(VerbCall call, ErasureJson erasure) => call.Terminal.Out.WriteLine(
        $"{erasure.RequestId} {erasure.State}, {erasure.Law}, deadline {Time(erasure.Deadline)}{(erasure.AlarmedAt is null ? "" : ", HALF OF THE TIME IS OVER")}{(erasure.WaitingFor is { } waiting ? $": {waiting}" : "")}");

    private static Argument<string> Key() => new("KEY") { Description = "A key of the person: the address, your id, or kind:value such as phone:+4930123456." };

    private static Argument<Guid> Id() => new("ID") { Description = "Id of the erasure, as 'erase list' shows it." };

    private static string Time(DateTimeOffset at) => at.ToUniversalTime().ToString("u", CultureInfo.InvariantCulture);
}
