using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.HubSpot.Wire;
using Microsoft.Extensions.Logging;

namespace IntegrationHub.Connectors.HubSpot;

/// <summary>Judges every refusal by <see cref="HubSpotOutcomes"/> and logs it with codes and counts, never with what was sent.</summary>
internal sealed partial class HubSpotJournal(ConnectorContext context, HubSpotQuota quota)
{
    private readonly string _destination = context.Settings.Name;
    private readonly ILogger _logger = context.Loggers.CreateLogger("IntegrationHub.Connectors.HubSpot");

    public Judgement Judge(HubSpotFailure failure, VendorEndpoint endpoint, int records)
    {
        var judgement = HubSpotOutcomes.Of(failure, quota.UntilMidnight());
        if (failure.Refusal is not null)
        {
            return judgement;
        }

        Log.CallRefused(_logger, _destination, endpoint.Path, failure.Status, judgement.Code, judgement.Verdict, records, failure.Error.CorrelationId);
        return judgement;
    }

    public Judgement Judge(HubSpotError error, VendorEndpoint endpoint)
    {
        var judgement = HubSpotOutcomes.Of(error);
        Log.RecordsRefused(_logger, _destination, endpoint.Path, judgement.Code, judgement.Verdict, error.TraceIds.Count);
        return judgement;
    }

    /// <summary>HubSpot took a record and kept another value of a property.</summary>
    public void ValueKept(VendorEndpoint endpoint, string property) => Log.ValueKept(_logger, _destination, endpoint.Path, property);

    private static partial class Log
    {
        [LoggerMessage(3, LogLevel.Information, "{Destination}: {Path} took a record and kept another value of {Property} than was sent")]
        public static partial void ValueKept(ILogger logger, string destination, string path, string property);

        [LoggerMessage(1, LogLevel.Warning, "{Destination}: {Path} answered {Status} ({Code}: {Verdict}) for {Records} records, correlation {CorrelationId}")]
        public static partial void CallRefused(
            ILogger logger, string destination, string path, int status, string code, Verdict verdict, int records, string? correlationId);

        [LoggerMessage(2, LogLevel.Information, "{Destination}: {Path} refused {Records} records ({Code}: {Verdict})")]
        public static partial void RecordsRefused(ILogger logger, string destination, string path, string code, Verdict verdict, int records);
    }
}
