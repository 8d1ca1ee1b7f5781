using IntegrationHub.Contracts.Audiences;

namespace IntegrationHub.Storage.Deliveries;

/// <summary>Runs that may still make somebody known at their destination.</summary>
internal static class RunUnderWay
{
    /// <summary>The states of such a run, as a list in SQL: what is in flight lands while it is paused or canceled, too.</summary>
    public const string States = $"'{RunState.Planning}', '{RunState.Delivering}', '{RunState.Paused}', '{RunState.Canceling}', '{RunState.Verifying}'";
}
