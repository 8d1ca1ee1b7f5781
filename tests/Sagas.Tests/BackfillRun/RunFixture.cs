using IntegrationHub.Sagas.BackfillRun;

namespace Sagas.Tests.BackfillRun;

internal abstract class RunFixture() : SagaFixture<BackfillRunState>("backfill-run", run => run.CurrentState);
