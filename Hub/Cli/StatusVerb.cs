using System.CommandLine;
using System.Globalization;
using System.Text.Json;
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
                var answer = await client.GetAsync("/v1/diagnoses", cancellationToken);
                DiagnosisJson[] diagnoses = answer.Deserialize<DiagnosisJson[]>()!;
                if (call.Json)
                {
                    call.Write(answer);
                }
                else
                {
                    Write(call.Terminal.Out, diagnoses);
                    if (Array.TrueForAll(diagnoses, diagnosis => diagnosis.Code != DiagnosisCode.DatabaseUnreachable)) // then nobody knows who is there
                    {
                        WriteHubs(call.Terminal.Out, (await client.GetAsync("/v1/instances", cancellationToken)).Deserialize<HubJson[]>()!);
                    }
                }

                return diagnoses.Length == 0 ? ExitCode.Done : ExitCode.Issues;
            },
            terminal);
    }

    private static void Write(TextWriter output, DiagnosisJson[] diagnoses)
    {
        if (diagnoses.Length == 0)
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

    private static void WriteHubs(TextWriter output, HubJson[] hubs)
    {
        foreach (var hub in hubs)
        {
            output.WriteLine($"hub {hub.Name}: {(hub.IsAlive ? "alive" : $"not heard of since {Time(hub.SeenAt)}")}, version {hub.Version}, configuration {hub.Configuration}{(hub.Trouble is null ? "" : $", does not reach the {hub.Trouble}")}");
        }
    }

    private static string Time(DateTimeOffset at) => at.ToUniversalTime().ToString("u", CultureInfo.InvariantCulture);
}
