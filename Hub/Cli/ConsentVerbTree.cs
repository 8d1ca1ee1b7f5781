using System.CommandLine;
using System.Text.Json;
using IntegrationHub.Hub.Intake.Consents;
using Spectre.Console;

namespace IntegrationHub.Hub.Cli;

/// <summary><c>consent …</c>: what people agreed to.</summary>
internal static class ConsentVerbTree
{
    public static Verb Build(Terminal terminal) => new("consent", "Tell the hub what people agreed to, or that they want to be left alone.", "consent load unsubscribed.csv --purpose newsletter --status denied --source mailchimp_export")
    {
        Load(terminal),
    };

    private static Verb Load(Terminal terminal)
    {
        var hub = HubOption.Create();
        var file = new Argument<string>("FILE") { Description = "List with a header line (.csv) or one JSON object per line (.ndjson): email or external_id, and where they differ by row purpose, status, decided_at." };
        var purpose = new Option<string?>("--purpose") { Description = "Purpose of the rows that name none; one of consent.yaml." };
        var status = new Option<string?>("--status") { Description = "What the rows mean that do not say it.", HelpName = "denied|granted" };
        var source = new Option<string>("--source") { Description = "Where the list comes from; kept as evidence.", Required = true };
        var decidedAt = new Option<string?>("--decided-at") { Description = "When it was decided; of a denial now when absent. A grant needs it.", HelpName = "TIME" };
        var email = new Option<string?>("--email-column") { Description = "Header of the column with the address, when it is not email.", HelpName = "HEADER" };
        var id = new Option<string?>("--id-column") { Description = "Header of the column with your id of the person, when it is not external_id.", HelpName = "HEADER" };
        return new Verb(
            "load",
            "Load a list of opt-outs, or of grants. Every destination that keeps consent is told. Exit code 1 when rows were rejected: what they say is not in force.",
            "consent load unsubscribed.csv --purpose newsletter --status denied --source mailchimp_export",
            "consent load preferences.ndjson --source preference_center",
            "consent load members.csv --purpose newsletter --status denied --source crm --email-column \"Primary e-mail\"")
        { Arguments = { file }, Options = { purpose, status, source, decidedAt, email, id, hub } }
        .Does(
            async (call, cancellationToken) =>
            {
                using var client = hub.Connect(call);
                var query = Query.Of(
                    ("purpose", call.Get(purpose)), ("status", call.Get(status)), ("source", call.Get(source)), ("decided_at", call.Get(decidedAt)), ("email_column", call.Get(email)), ("id_column", call.Get(id)));
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
