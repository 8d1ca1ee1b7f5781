using System.CommandLine;
using System.Globalization;
using IntegrationHub.Hub.Diagnosis;

namespace IntegrationHub.Hub.Cli;

/// <summary><c>status</c>: what stands still, since when, why and what to do; and which hubs are there.</summary>
internal static class StatusVerb
{
    public static Verb Build(Terminal terminal)
    {
        var hub = HubOption.Create();
        return new Verb("status", "See what stands still, since when, why, and what is safe to do about it.", "status", "status --json")
        { Options = { hub } }
        .Does(
            async (call, cancellationToken) =>
            {
                using var client = hub.Connect(call);
                var list = await client.ListAsync("/v1/diagnoses", [], null, cancellationToken);
                var diagnoses = list.Of<DiagnosisJson>();
                if (call.Json)
                {
                    call.Write(list.Answer());
                }
                else
                {
                    Write(call.Terminal.Out, diagnoses);
                    if (diagnoses.TrueForAll(diagnosis => diagnosis.Code != DiagnosisCode.DatabaseUnreachable)) // then nobody knows who is there
                    {
                        WriteHubs(call.Terminal.Out, (await client.ListAsync("/v1/instances", [], null, cancellationToken)).Of<HubJson>());
                    }
                }

                return diagnoses.Count == 0 ? ExitCode.Done : ExitCode.Issues;
            },
            terminal);
    }

    private static void Write(TextWriter output, List<DiagnosisJson> diagnoses)
    {
        if (diagnoses.Count == 0)
        {
            output.WriteLine("Nothing stands still.");
        }

        foreach (var diagnosis in diagnoses)
        {
            output.WriteLine($"{diagnosis.Kind} {diagnosis.Subject}{(diagnosis.Destination is null ? "" : $" to {diagnosis.Destination}")}: {diagnosis.Code}{(diagnosis.Since is { } since ? $" since {Time(since)}" : "")}{(diagnosis.Records > 0 ? $", {(diagnosis.RecordsCapped ? "more than " : "")}{RunTables.Number(diagnosis.Records)} records wait" : "")}");
            output.WriteLine($"  {diagnosis.Sentence}");
            output.WriteLine($"  seen: {string.Join(" · ", diagnosis.Evidence)}");
            output.WriteLine($"  {(diagnosis.Action is null ? "" : $"next: {diagnosis.Action} · ")}runbook {diagnosis.Runbook}");
        }
    }

    private static void WriteHubs(TextWriter output, List<HubJson> hubs)
    {
        foreach (var hub in hubs)
        {
            output.WriteLine($"hub {hub.Name}: {(hub.IsAlive ? "alive" : $"not heard of since {Time(hub.SeenAt)}")}, version {hub.Version}, configuration {hub.Configuration}{(hub.Trouble is null ? "" : $", does not reach the {hub.Trouble}")}");
        }
    }

    private static string Time(DateTimeOffset at) => at.ToUniversalTime().ToString("u", CultureInfo.InvariantCulture);
}
