using IntegrationHub.Hub.Cli;
using IntegrationHub.Hub.Intake;
using IntegrationHub.Hub.Runs;

namespace IntegrationHub.Hub.Demo;

/// <summary>The verb <c>demo</c>: an embedded hub on a database of its own does the sample job.</summary>
internal static class SampleDemo
{
    /// <inheritdoc cref="DemoVerb" />
    /// <exception cref="CommandLineException">The configuration or a file has errors.</exception>
    public static async Task RunAsync(DemoRequest request, Action<RunProgress> report, Func<DemoResult, Task> finished, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("integrationhub-demo-");
        try
        {
            await RunInAsync(folder.FullName, request, report, finished, cancellationToken);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task RunInAsync(string folder, DemoRequest request, Action<RunProgress> report, Func<DemoResult, Task> finished, CancellationToken cancellationToken)
    {
        string[] settings = [$"--Hub:DataPath={folder}", "--Hub:LogLevel=Warning", .. request.Serve ? Array.Empty<string>() : ["--Hub:Urls=http://127.0.0.1:0"], .. request.Settings];
        await using var hub = await HubHost.BuildAsync(settings, cancellationToken);
        foreach (var room in hub.Sandbox?.Rooms.Values ?? [])
        {
            room.Knobs.Quotas = false;
        }

        await hub.StartAsync(cancellationToken);
        var files = SampleFiles.From(request.Customers, request.Consent, request.Phones);
        SampleResult result;
        try
        {
            var job = hub.Web.Services.GetRequiredService<SampleJob>();
            result = await job.RunAsync(files, request.Members, step => report(new RunProgress(step.Step, [.. step.Runs.Select(run => RunJson.From(run))])), cancellationToken);
        }
        catch (SnapshotFormatException exception)
        {
            throw new CommandLineException(ExitCode.Usage, exception.Message);
        }

        await finished(new DemoResult([.. result.Runs.Select(run => RunJson.From(run))], Notes(result), new Uri(hub.Web.Urls.First())));
        if (request.Serve)
        {
            await HubHost.StayAsync(hub, settings, cancellationToken);
        }
    }

    private static List<string> Notes(SampleResult result)
    {
        var snapshot = result.Snapshot;
        List<string> notes = [$"Snapshot of customers: {snapshot.Rows} rows = {snapshot.Accepted} accepted + {snapshot.Rejected} rejected + {snapshot.Duplicates} repeated."];
        if (result.Preferences.Accepted + result.Preferences.Rejected > 0)
        {
            notes.Add($"Contact preferences: {result.Preferences.Accepted} became consent, {result.Preferences.Rejected} rejected; for everybody else consent is unknown and the policy decides.");
        }

        return notes;
    }
}
