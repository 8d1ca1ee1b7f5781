using IntegrationHub.Sagas.AudienceSync;

namespace Sagas.Tests.AudienceSync;

internal abstract class RunFixture() : SagaFixture<AudienceSyncState>("audience-sync", run => run.CurrentState);
