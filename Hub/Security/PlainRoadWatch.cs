namespace IntegrationHub.Hub.Security;

/// <summary>Says at the start which ways are plain, where the hub is no developer's.</summary>
internal sealed partial class PlainRoadWatch(HubOptions options, IHostEnvironment environment, ILogger<PlainRoadWatch> logger) : IHostedService
{
    /// <inheritdoc />
    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var road in environment.IsProduction() ? PlainRoad.Find(options) : [])
        {
            LogPlain(road.To, road.Problem, road.Fix);
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(3918, LogLevel.Warning, "The connection to the {Name} {Problem}: facts about people go over it. {Fix}")]
    private partial void LogPlain(string name, string problem, string fix);
}
