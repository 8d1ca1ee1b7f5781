using IntegrationHub.Sagas.Erasure;

namespace Sagas.Tests.Erasure;

internal abstract class ErasureFixture() : SagaFixture<ErasureState>("erasure", erasure => erasure.CurrentState);
