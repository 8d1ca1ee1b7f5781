using System.CommandLine;
using System.Text.Json;
using IntegrationHub.Hub.Intake.Consents;
using IntegrationHub.Hub.Privacy;
using Spectre.Console;

namespace IntegrationHub.Hub.Cli;

/// <summary><c>consent …</c>: what people agreed to.</summary>
internal static class ConsentVerbTree
{
    public static Verb Build(Terminal terminal) => new("consent", "Tell the hub what people agreed to, or that they want to be left alone.", "consent load unsubscribed.csv --purpose newsletter --status denied --source mailchimp_export")
    {
        Load(terminal),
        Count(terminal),
        ShowOne(terminal),
    };

    private static Verb Count(Terminal terminal)
    {
        var hub = HubOption.Create();
        var purpose = new Option<string?>("--purpose") { Description = "Only of this one." };
        return new Verb("count", "Count by purpose and source: under how many keys a grant is in force, and what came in within 24 hours. Names nobody.", "consent count", "consent count --purpose email_marketing --json")
        { Options = { purpose, hub } }
        .Lists(
            hub, null, _ => "/v1/consents/parts", call => [("purpose", call.Get(purpose))],
            (call, list) =>
            {
                var table = RunTables.Table("Purpose", "What", "Source", "How many", "The last");
                foreach (var part in list.Of<ConsentPartJson>())
                {
                    RunTables.Row(table, part.Purpose, part.State, part.Source, RunTables.Number(part.Count), $"{part.LastAt.UtcDateTime:u}");
                }

                call.Terminal.Screen(json: false).Write(table);
            },
            terminal);
    }

    private static Verb Load(Terminal terminal)
    {
        var hub = HubOption.Create();
        var file = new Argument<string>("FILE") { Description = "List with a header line (.csv) or one JSON object per line (.ndjson): email, external_id or phone (with its country, +43 …), and where they differ by row purpose, status, decided_at, expires_at, legal_basis, evidence_method, evidence_ref, notice, notice_version, notice_language." };
        var purpose = new Option<string?>("--purpose") { Description = "Purpose of the rows that name none; one of consent.yaml." };
        var status = new Option<string?>("--status") { Description = "What the rows mean that do not say it.", HelpName = "denied|granted" };
        var source = new Option<string>("--source") { Description = "Where the list comes from; kept as evidence.", Required = true };
        var decidedAt = new Option<string?>("--decided-at") { Description = "When it was decided; of a denial now when absent. A grant needs it.", HelpName = "TIME" };
        var email = new Option<string?>("--email-column") { Description = "Header of the column with the address, when it is not email.", HelpName = "HEADER" };
        var id = new Option<string?>("--id-column") { Description = "Header of the column with your id of the person, when it is not external_id.", HelpName = "HEADER" };
        var basis = new Option<string?>("--legal-basis") { Description = "Ground of the rows that name none, for example consent.", HelpName = "WORD" };
        var method = new Option<string?>("--evidence-method") { Description = "How people said it, for example double_opt_in. Rules that need evidence take no grant without some.", HelpName = "WORD" };
        var reference = new Option<string?>("--evidence-ref") { Description = "Where the record of it can be found.", HelpName = "TEXT" };
        var notice = new Option<string?>("--notice") { Description = "Privacy notice that was shown, its name or address.", HelpName = "TEXT" };
        var noticeVersion = new Option<string?>("--notice-version") { Description = "Version of that notice.", HelpName = "TEXT" };
        var language = new Option<string?>("--notice-language") { Description = "Language of that notice, for example de-AT.", HelpName = "TAG" };
        return new Verb(
            "load",
            "Load a list of opt-outs, or of grants. Every destination that keeps consent is told. Exit code 1 when rows were rejected: what they say is not in force.",
            "consent load unsubscribed.csv --purpose newsletter --status denied --source mailchimp_export",
            "consent load preferences.ndjson --source preference_center",
            "consent load members.csv --purpose newsletter --status denied --source crm --email-column \"Primary e-mail\"",
            "consent load fair.csv --purpose newsletter --status granted --source fair-2026 --decided-at 2026-11-02 --legal-basis consent --evidence-method paper_form --evidence-ref folder-12")
        { Arguments = { file }, Options = { purpose, status, source, decidedAt, email, id, basis, method, reference, notice, noticeVersion, language, hub } }
        .Does(
            async (call, cancellationToken) =>
            {
                using var client = hub.Connect(call);
                var query = Query.Of(
                    ("purpose", call.Get(purpose)), ("status", call.Get(status)), ("source", call.Get(source)), ("decided_at", call.Get(decidedAt)), ("email_column", call.Get(email)), ("id_column", call.Get(id)),
                    ("legal_basis", call.Get(basis)), ("evidence_method", call.Get(method)), ("evidence_ref", call.Get(reference)), ("notice", call.Get(notice)), ("notice_version", call.Get(noticeVersion)), ("notice_language", call.Get(language)));
                var answer = await client.LoadFileAsync($"/v1/consents{query}", call.Get(file), cancellationToken);
                var loaded = answer.Deserialize<ConsentsJson>()!;
                if (call.Json)
                {
                    call.Write(answer);
                }
                else
                {
                    Show(call.Terminal.Screen(json: false), loaded);
                }

                return loaded.Rejected > 0 ? ExitCode.Issues : ExitCode.Done;
            },
            terminal);
    }

    private static Verb ShowOne(Terminal terminal)
    {
        var hub = HubOption.Create();
        var key = new Argument<string>("KEY") { Description = PolicyVerbTree.KeyDescription };
        var at = new Option<long?>("--at") { Description = "As it counted when the log had come to this position.", HelpName = "POSITION" };
        var format = new Option<string>("--format") { Description = "table, json, or iso27560 for records with the names of ISO/IEC TS 27560.", HelpName = "table|json|iso27560", DefaultValueFactory = _ => "table" };
        return new Verb(
            "show",
            "Show what a person agreed to, what follows from it, and every decision that it comes from. Prints personal data.",
            "consent show c-17",
            "consent show kai@example.com --at 4711",
            "consent show c-17 --format iso27560")
        { Arguments = { key }, Options = { at, format, hub } }
        .Does(
            async (call, cancellationToken) =>
            {
                using var client = hub.Connect(call);
                var isIso = call.Get(format) == ConsentQuestionJson.Iso;
                var question = new ConsentQuestionJson(PolicyVerbTree.SubjectOf(call.Get(key)), call.Get(at), call.Get(format) == "table" ? null : call.Get(format));
                var answer = await client.PostAsync("/v1/consents/show", question, cancellationToken);
                if (call.Json || isIso || call.Get(format) == ConsentQuestionJson.Plain)
                {
                    call.Write(answer);
                }
                else
                {
                    Show(call.Terminal.Screen(json: false), answer.Deserialize<ConsentFileJson>()!);
                }

                return ExitCode.Done;
            },
            terminal);
    }

    private static void Show(IAnsiConsole screen, ConsentFileJson file)
    {
        screen.WriteLine(FormattableString.Invariant($"{(file.Known ? "The person is known." : "Nobody is known by this key.")} At {file.DecidedFor:u}, from the ledger up to position {file.Position}, by consent.yaml {file.ConfigVersion}:"));
        foreach (var purpose in file.Purposes)
        {
            screen.WriteLine($"  {purpose.Purpose}: {purpose.Decided?.Status ?? "unknown"}, {(purpose.Allowed ? "allowed" : "not allowed")} by {purpose.Rule ?? "no rule"}{(purpose.Code is null ? "" : $" ({purpose.Code})")}");
        }

        foreach (var line in file.Ledger)
        {
            screen.WriteLine(FormattableString.Invariant($"  {line.Position?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "-",8} {line.DecidedAt:u} {line.Purpose} {line.Status} under the {line.Key}, {line.Source}{(line.ExpiresAt is { } end ? FormattableString.Invariant($", until {end:u}") : "")}"));
        }

        foreach (var proof in file.Proofs)
        {
            var decided = proof.Position is null ? "" : FormattableString.Invariant($", decided at position {proof.Position} by policy {proof.PolicyVersion ?? "?"}");
            screen.WriteLine(FormattableString.Invariant($"  {proof.At:u} {proof.Destination} {proof.Outcome}{(proof.Code is null ? "" : $" ({proof.Code})")}{decided}"));
            if (proof.Recomputed is { } decision)
            {
                screen.WriteLine($"    taken again: {(decision.Allowed ? "allowed" : "not allowed")} by {decision.Rule ?? "no rule"}, {(proof.Agrees == true ? "as it was done" : "which is NOT what was done")}");
            }
        }
    }

    private static void Show(IAnsiConsole screen, ConsentsJson loaded)
    {
        screen.WriteLine($"{loaded.Rows} rows: {loaded.Accepted} in force, {loaded.Duplicates} known already, {loaded.Rejected} rejected and not in force");
        foreach (var reject in loaded.Rejects)
        {
            screen.WriteLine($"  line {reject.Line}, {reject.Field}: {reject.Code}, {reject.Problem}");
        }

        if (loaded.Rejected > loaded.Rejects.Count)
        {
            screen.WriteLine($"  and {loaded.Rejected - loaded.Rejects.Count} more");
        }
    }
}
