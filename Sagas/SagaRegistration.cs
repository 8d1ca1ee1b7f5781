using IntegrationHub.Sagas.AudienceSync;
using IntegrationHub.Sagas.BackfillRun;
using IntegrationHub.Sagas.Erasure;
using IntegrationHub.Sagas.Runs;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace IntegrationHub.Sagas;

/// <summary>The list of sagas.</summary>
public static class SagaRegistration
{
    /// <summary>Adds every saga. Where their rows live is the caller's choice: set a default saga repository on <paramref name="bus"/> before.</summary>
    public static IBusRegistrationConfigurator AddSagas(this IBusRegistrationConfigurator bus)
    {
        bus.TryAddSingleton(TimeProvider.System);
        bus.AddOptions<RunOptions>();
        bus.AddOptions<ErasureOptions>();
        bus.AddSagaStateMachine<AudienceSyncStateMachine, AudienceSyncState, AudienceSyncDefinition>();
        bus.AddStateObserver<AudienceSyncState, AudienceSyncLog>();
        bus.AddSagaStateMachine<BackfillRunStateMachine, BackfillRunState, BackfillRunDefinition>();
        bus.AddStateObserver<BackfillRunState, BackfillRunLog>();
        bus.AddSagaStateMachine<ErasureStateMachine, ErasureState, ErasureDefinition>();
        bus.AddStateObserver<ErasureState, ErasureLog>();
        return bus;
    }
}
