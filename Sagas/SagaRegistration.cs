using IntegrationHub.Sagas.AudienceSync;
using IntegrationHub.Sagas.Erasure;
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
        bus.AddOptions<AudienceSyncOptions>();

        bus.AddSagaStateMachine<AudienceSyncStateMachine, AudienceSyncState, AudienceSyncDefinition>();
        bus.AddStateObserver<AudienceSyncState, AudienceSyncLog>();
        bus.AddOptions<ErasureOptions>();
        bus.AddSagaStateMachine<ErasureStateMachine, ErasureState, ErasureDefinition>();
        bus.AddStateObserver<ErasureState, ErasureLog>();
        return bus;
    }
}
